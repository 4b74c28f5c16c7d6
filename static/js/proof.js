// Shows that a browser is at work: looks for a number whose slow digest, with this form's token and address, begins with
// zeros (petition/http/proof_of_work.py). Where that is not possible the form is sent without, and a short wait does instead.

const AT_ONCE = 8;
const field = document.querySelector("[data-proof]");
if (field && globalThis.crypto?.subtle) prove(field.form);

function prove(form) {
  let wanted = null; // the challenge that is being solved, and the promise of its answer
  let isBusy = false;

  const begin = () => {
    const sent = new FormData(form);
    const challenge = `${sent.get("token")}\n${sent.get("email")}`;
    if (wanted?.challenge !== challenge) {
      wanted = { challenge };
      const mine = wanted;
      wanted.answer = solve(challenge, () => wanted === mine).catch(() => "");
    }
    return wanted.answer;
  };

  // It is solved while the rest of the form is filled in.
  form.elements.email.addEventListener("change", () => form.elements.email.value && begin());
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const status = form.querySelector("[data-proof-status]");
    status.textContent = status.dataset.words;
    field.value = (await begin()) ?? "";
    wanted = null;
    form.submit();
  });
  window.addEventListener("pageshow", () => {
    isBusy = false;
    form.querySelector("[data-proof-status]").textContent = "";
  });
}

async function solve(challenge, isWanted) {
  const { cost, bits } = field.dataset;
  const salt = new TextEncoder().encode(challenge);
  // Each try begins elsewhere, so a form that is sent again has a proof of its own.
  let number = crypto.getRandomValues(new Uint32Array(1))[0];
  while (isWanted()) {
    const numbers = Array.from({ length: AT_ONCE }, () => String(number++));
    const goods = await Promise.all(numbers.map((answer) => isGood(answer, salt, Number(cost), Number(bits))));
    const found = numbers[goods.indexOf(true)];
    if (found) return found;
  }
}

async function isGood(answer, salt, iterations, bits) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(answer), "PBKDF2", false, ["deriveBits"]);
  const digest = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, key, 32);
  return new DataView(digest).getUint32(0) >>> (32 - bits) === 0;
}

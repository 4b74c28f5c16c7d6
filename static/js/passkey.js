// Passkeys: a button that signs in with one, and the form that adds one. Where a browser knows none, neither is shown.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// Browsers bind passkeys to names of hosts, never to IP addresses.
const isPossible = window.PublicKeyCredential && !/^[\d.]+$|^\[/.test(location.hostname);
const FRESH = 4 * 60 * 1000; // milliseconds for which an offer stands; the server takes its answer for five minutes

// Returns what a credential says, as WebAuthn writes it in JSON. Not all browsers have its toJSON().
function toJson({ id, rawId, type, response }) {
  const said = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = toText(response[name]);
  }
  if (response.getTransports) said.transports = response.getTransports();
  return { id, rawId: toText(rawId), type, response: said };
}

function signIn(place) {
  const { options, verify, cancelled, failed } = place.dataset;
  const field = document.querySelector("input[type=email]");
  const said = place.querySelector("[data-said]");
  let offer, offeredAt;

  // Raises the server's sentence.
  async function post(url, body) {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    return answer;
  }

  // With `mediation` the browser offers passkeys beside the addresses that it fills in; without, it asks for one.
  async function ask(mediation) {
    offer?.abort();
    const { signal } = (offer = new AbortController());
    offeredAt = Date.now();
    said.textContent = "";
    try {
      const publicKey = await post(options, {});
      publicKey.challenge = toBytes(publicKey.challenge);
      const credential = await navigator.credentials.get({ publicKey, mediation, signal });
      const { next } = await post(verify, toJson(credential));
      location.assign(next);
    } catch (error) {
      if (signal.aborted || (mediation && error instanceof DOMException)) return;
      said.textContent = error instanceof DOMException ? cancelled : error.name === "Error" ? error.message : failed;
      offeredAt = 0;
    }
  }

  place.hidden = false;
  place.querySelector("button").addEventListener("click", () => ask());
  if (!field) return;
  PublicKeyCredential.isConditionalMediationAvailable?.().then((isAvailable) => {
    if (!isAvailable) return;
    field.autocomplete = "username webauthn";
    field.addEventListener("focus", () => Date.now() - offeredAt > FRESH && ask("conditional"));
    ask("conditional");
  });
}

function add(form) {
  const { options, cancelled, known } = form.dataset;
  const { name, answer, csrf_token } = Object.fromEntries([...form.elements].map((field) => [field.name, field]));
  let isAsking = false;

  async function make() {
    const body = new URLSearchParams({ csrf_token: csrf_token.value });
    const response = await fetch(options, { method: "POST", body, redirect: "manual" });
    // The server says in its page what is wrong.
    if (!response.ok) return form.submit();
    const publicKey = await response.json();
    publicKey.challenge = toBytes(publicKey.challenge);
    publicKey.user.id = toBytes(publicKey.user.id);
    for (const passkey of publicKey.excludeCredentials) passkey.id = toBytes(passkey.id);
    answer.value = JSON.stringify(toJson(await navigator.credentials.create({ publicKey })));
    form.submit();
  }

  form.hidden = false;
  document.querySelector("[data-passkey-impossible]").hidden = true;
  form.addEventListener("submit", (event) => {
    if (answer.value || !name.value.trim()) return;
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    make()
      .catch((error) => {
        form.querySelector("[data-said]").textContent = error.name === "InvalidStateError" ? known : cancelled;
      })
      .finally(() => (isAsking = false));
  });
}

if (isPossible) {
  document.querySelectorAll("[data-passkey]").forEach(signIn);
  document.querySelectorAll("[data-passkey-new]").forEach(add);
}

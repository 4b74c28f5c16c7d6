"""The major mail providers of Europe: many letters to them are nothing unusual; and how they read addresses."""

from collections.abc import Iterator
from typing import NamedTuple

_BRANDS = "gmx hotmail live msn outlook windowslive yahoo yandex ymail"
_ENDINGS = "at be bg ca ch co.uk com cz de dk ee es eu fi fr gr hr hu ie it lt lv net nl no pl pt ro se si sk ua ru"
_OTHERS = """
    aol.com aol.de email.com fastmail.com fastmail.fm gmail.com googlemail.com hey.com icloud.com mac.com mail.com
    mailbox.org me.com passport.com pm.me proton.me protonmail.ch protonmail.com riseup.net rocketmail.com tuta.com
    tuta.io tutanota.com tutanota.de zoho.com zoho.eu
    arcor.de freenet.de kabelmail.de mail.de online.de posteo.de t-online.de vodafone.de web.de 1und1.de
    a1.net aon.at chello.at bluewin.ch hispeed.ch sunrise.ch
    aliceadsl.fr bbox.fr cegetel.net club-internet.fr free.fr laposte.net neuf.fr numericable.fr orange.fr sfr.fr
    wanadoo.fr proximus.be scarlet.be skynet.be telenet.be voo.be pt.lu
    casema.nl chello.nl hetnet.nl home.nl kpnmail.nl kpnplanet.nl planet.nl quicknet.nl tele2.nl upcmail.nl xs4all.nl
    zeelandnet.nl ziggo.nl
    alice.it email.it fastwebnet.it inwind.it libero.it pec.it poste.it teletu.it tim.it tin.it tiscali.it virgilio.it
    clix.pt iol.pt netcabo.pt sapo.pt telefonica.net terra.es ono.com
    blueyonder.co.uk btinternet.com ntlworld.com sky.com talktalk.net tiscali.co.uk virginmedia.com eircom.net
    comhem.se bredband.net spray.se telia.com tele2.se jubii.dk mail.dk stofanet.dk youmail.dk
    elisanet.fi kolumbus.fi luukku.com netti.fi suomi24.fi online.no
    autograf.pl gazeta.pl gazeta.com interia.eu interia.pl o2.pl onet.eu onet.pl op.pl poczta.fm poczta.onet.pl tlen.pl
    vp.pl wp.pl centrum.cz email.cz post.cz seznam.cz volny.cz azet.sk centrum.sk post.sk zoznam.sk
    citromail.hu freemail.hu t-online.hu upcmail.hu abv.bg dir.bg mail.bg net.hr inet.hr siol.net telemach.net
    hot.ee mail.ee inbox.lv one.lt forthnet.gr hol.gr in.gr otenet.gr cytanet.com.cy maltanet.net
    bk.ru inbox.ru list.ru mail.ru rambler.ru i.ua ukr.net
"""

MAJOR = frozenset(_OTHERS.split()) | {f"{brand}.{ending}" for brand in _BRANDS.split() for ending in _ENDINGS.split()}


class Folding(NamedTuple):
    """How a provider reads addresses: its main domain, the sign before a tag, and what it ignores or equates."""

    domain: str
    tag: str = "+"
    ignored: str = ""
    same_as_dot: str = ""


def _foldings() -> Iterator[tuple[str, Folding]]:
    for domains, folding in _FOLDED:
        for domain in domains.split():
            yield domain, folding if folding.domain else folding._replace(domain=domain)


# From the providers' own help pages. Each line: domains of one mailbox (with a main domain), or of mailboxes of their
# own that read addresses alike (without). What a provider does not say that it ignores is not ignored.
_FOLDED = (
    ("gmail.com googlemail.com", Folding("gmail.com", ignored=".")),
    ("icloud.com me.com mac.com", Folding("icloud.com")),
    ("proton.me protonmail.com protonmail.ch pm.me", Folding("proton.me", ignored=".-_")),
    ("yandex.ru yandex.com yandex.by yandex.kz yandex.ua ya.ru", Folding("yandex.ru", same_as_dot="-")),
    ("fastmail.com fastmail.fm", Folding("fastmail.com")),
    (
        " ".join(f"{brand}.{ending}" for brand in ("hotmail", "live", "outlook") for ending in _ENDINGS.split())
        + " msn.com posteo.de mailbox.org hey.com riseup.net zoho.com zoho.eu",
        Folding(""),
    ),
    (
        " ".join(f"{brand}.{ending}" for brand in ("yahoo", "ymail") for ending in _ENDINGS.split())
        + " rocketmail.com",
        Folding("", tag="-"),
    ),
)

FOLDINGS: dict[str, Folding] = dict(_foldings())

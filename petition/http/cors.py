"""Cross-origin reads: every site may use the public data of a blueprint, and browsers that ask first are told so."""

from flask import Blueprint, Response, request

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}


def open_to_all(bp: Blueprint) -> None:
    """Let every site read the answers of a blueprint, without credentials, and answer OPTIONS with 204."""
    bp.before_request(_answer_preflight)
    bp.after_request(_allow)


def _answer_preflight() -> Response | None:
    if request.method != "OPTIONS":
        return None
    return Response(status=204, headers=_PREFLIGHT | {"Allow": "GET, HEAD, OPTIONS"})


def _allow(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response

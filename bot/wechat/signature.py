"""The platform's signature: SHA-1 over the sorted parts. It proves that whoever made it knows the token."""

from hashlib import sha1
from hmac import compare_digest


def signature_of(*parts: bytes) -> str:
    """Return the signature over ``parts`` (token, timestamp, nonce, and the encrypted text if there is one) as 40 hexadecimal digits."""
    return sha1(b"".join(sorted(parts)), usedforsecurity=False).hexdigest()


def is_signed(signature: str, *parts: bytes) -> bool:
    """Tell, in constant time, whether ``signature`` is the one over ``parts``."""
    # As bytes: compare_digest refuses text that is not ASCII.
    return compare_digest(signature_of(*parts).encode("ascii"), signature.encode("utf-8", "surrogatepass"))

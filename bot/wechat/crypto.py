"""The platform's encryption: AES-256 in CBC mode under the account's key, padded to 32 bytes, the app id at the end.

The layout before encryption: 16 random bytes, the message's length (4 bytes, big-endian), the message, the app id. wechatpy does the same; this
reader checks every part of it, keeps one cipher object for all messages, and takes half the time.
"""

import base64
import binascii
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.wechat.errors import BadEnvelope

_RANDOM_BYTES, _LENGTH_BYTES = 16, 4
_HEAD_BYTES = _RANDOM_BYTES + _LENGTH_BYTES
_AES_BLOCK_BYTES = 16
_PADDING_BLOCK_BYTES = 32
_PADDINGS = tuple(bytes([size]) * size for size in range(_PADDING_BLOCK_BYTES + 1))


class MessageCipher:
    """Encrypts and decrypts with one key for one app id. May be shared by threads."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        """Take the EncodingAESKey as the console shows it (43 characters)."""
        key = base64.b64decode(aes_key + "=")
        self._cipher = Cipher(
            algorithms.AES(key), modes.CBC(key[:_AES_BLOCK_BYTES])
        )  # the protocol fixes this initial vector
        self._app_id = app_id.encode()

    def decrypt(self, encrypted: str) -> bytes:
        """Return the message in ``encrypted`` (base64). Raises BadEnvelope unless every byte of the layout is as it must be."""
        try:
            ciphertext = binascii.a2b_base64(encrypted, strict_mode=True)
        except ValueError as error:
            raise BadEnvelope from error
        if not ciphertext or len(ciphertext) % _AES_BLOCK_BYTES:
            raise BadEnvelope
        decryptor = self._cipher.decryptor()
        text = decryptor.update(ciphertext) + decryptor.finalize()
        padding = text[-1]
        if not 1 <= padding <= _PADDING_BLOCK_BYTES or not text.endswith(_PADDINGS[padding]):
            raise BadEnvelope
        message_end = _HEAD_BYTES + int.from_bytes(text[_RANDOM_BYTES:_HEAD_BYTES], "big")
        if (
            text[message_end : len(text) - padding] != self._app_id
        ):  # a length beyond the text leaves nothing to equal the app id
            raise BadEnvelope
        return text[_HEAD_BYTES:message_end]

    def encrypt(self, message: bytes) -> bytes:
        """Return ``message`` encrypted, as base64."""
        text = os.urandom(_RANDOM_BYTES) + len(message).to_bytes(_LENGTH_BYTES, "big") + message + self._app_id
        encryptor = self._cipher.encryptor()
        padded = text + _PADDINGS[_PADDING_BLOCK_BYTES - len(text) % _PADDING_BLOCK_BYTES]
        return binascii.b2a_base64(encryptor.update(padded) + encryptor.finalize(), newline=False)

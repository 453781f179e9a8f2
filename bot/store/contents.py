"""What is forgotten of a message when its content is: everything a person wrote or showed."""

from __future__ import annotations

from sqlalchemy import null

WITHOUT_CONTENT = {
    "text": null(),
    "media_url": null(),
    "latitude": null(),
    "longitude": null(),
    "origin": null(),
}

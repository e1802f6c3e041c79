"""A draft as the JSON document that the store and other programs keep."""

from __future__ import annotations

import json
from dataclasses import asdict

import msgspec

from creator_kit.drafting.draft import SCHEMA_VERSION, Draft
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.locale.validation_texts import translate_validation


def draft_to_json(draft: Draft) -> str:
    """``draft`` as one JSON document (UTF-8 text, two spaces, ``schema_version`` first)."""
    table = asdict(draft)
    return json.dumps({"schema_version": table.pop("schema_version"), **table}, ensure_ascii=False, indent=2) + "\n"


def draft_from_json(text: str) -> Draft:
    """The inverse of ``draft_to_json``. Raises InputError naming the field that is wrong."""
    try:
        draft = msgspec.json.decode(text, type=Draft)
    except msgspec.ValidationError as error:
        raise InputError(_("this is not a draft: {error}").format(error=translate_validation(str(error)))) from error
    except msgspec.DecodeError as error:
        raise InputError(_("not valid JSON: {error}").format(error=translate_validation(str(error)))) from error
    if draft.schema_version > SCHEMA_VERSION:
        raise InputError(
            _("a newer creator-kit made this draft (version {found}, this one knows {known})").format(
                found=draft.schema_version, known=SCHEMA_VERSION
            ),
            hint=_("pip install --upgrade creator-kit"),
        )
    return draft

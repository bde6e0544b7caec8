"""Shadow entries: rules, cues and words that are tried beside the live ones and decide nothing.

A rule or a cue with `shadow: true`, and the `shadow_words` of a cue, are left out of the rule set
that judges. A second rule set has them switched on; what it would have said is recorded. Who wants
one to count takes `shadow` away, or moves the word to `words`.
"""

from __future__ import annotations

from msgspec import structs

from classifiers.schema import Catalogue, Cue


def shadow_entries(catalogue: Catalogue) -> tuple[str, ...]:
    """The shadow entries of a catalogue as it was loaded: `rule x`, `cue y`, `word y/WORD`."""
    cues = [f"cue {cue.id}" for cue in catalogue.cues if cue.shadow]
    words = [f"word {cue.id}/{word}" for cue in catalogue.cues for word in cue.shadow_words]
    return (*(f"rule {rule.id}" for rule in catalogue.rules if rule.shadow), *cues, *words)


def live(catalogue: Catalogue) -> Catalogue:
    """`catalogue` without its shadow entries.

    A shadow cue keeps its name, which rules and sets may use, and has no words.
    """
    if not shadow_entries(catalogue):
        return catalogue
    silent = {cue.id for cue in catalogue.cues if cue.shadow}
    disguises = structs.replace(
        catalogue.disguises,
        protected=tuple(one for one in catalogue.disguises.protected if one.cue not in silent),
    )
    return structs.replace(
        catalogue,
        cues=tuple(_silent(cue) if cue.shadow else cue for cue in catalogue.cues),
        rules=tuple(rule for rule in catalogue.rules if not rule.shadow),
        disguises=disguises,
    )


def with_shadow(catalogue: Catalogue) -> Catalogue:
    """`catalogue` with its shadow entries counting like all others."""
    return structs.replace(
        catalogue,
        cues=tuple(
            structs.replace(cue, words=(*cue.words, *cue.shadow_words)) for cue in catalogue.cues
        ),
    )


def _silent(cue: Cue) -> Cue:
    return structs.replace(cue, words=(), ordinary=(), guarded=())

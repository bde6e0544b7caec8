"""How good the classifier is on labelled texts, beside baselines in the same folds.

The shipped points are measured as they are; `cross_validated` fits them anew in every fold, on
texts of other repositories and site networks only, so that no text is scored by points it helped
to fit. scikit-learn (a development extra) is needed for the TF-IDF baseline alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module

import msgspec

from classifiers.calibrate import fit_texts, grouped_folds, score_texts, text_of
from classifiers.corpus import Example
from classifiers.judge import classify
from classifiers.matcher import find_words
from classifiers.metrics import Metrics, measure
from classifiers.normalise import fold
from classifiers.ruleset import Ruleset
from core import BadInput, Verdict

FOLDS = 10
_HALF = 0.5


class Miss(msgspec.Struct, frozen=True):
    """A text on the wrong side of the violation threshold, with what was found on it."""

    id: str
    label: str
    kind: str
    lang: str
    score: float
    evidence: tuple[str, ...]


class EvaluationReport(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one run. `groups`: how many sets of texts a split keeps together."""

    ruleset_version: str
    groups: int
    shipped: Metrics
    cross_validated: Metrics
    by_language: dict[str, Metrics]
    by_kind: dict[str, Metrics]
    labels: dict[str, dict[str, int]]
    misses: tuple[Miss, ...]
    false_alarms: tuple[Miss, ...]
    baselines: dict[str, Metrics]


def evaluate(
    examples: Sequence[Example],
    ruleset: Ruleset,
    on: date,
    *,
    training: Sequence[Example] = (),
    baselines: bool = False,
) -> EvaluationReport:
    """Measure `ruleset` on `examples`; borderline texts count in `labels` alone. The texts of
    `training` are learned from in every fold, beside those of the other folds, and not measured.

    Raises BadInput when there is nothing to tell apart, or scikit-learn is missing and baselines
    are asked for.
    """
    verdicts = [classify(example.document, ruleset, on) for example in examples]
    judged = [
        (e, v) for e, v in zip(examples, verdicts, strict=True) if e.row.label != "borderline"
    ]
    used = [example for example, _ in judged]
    if len({example.promotes for example in used}) < 2:
        raise BadInput("the corpus needs texts of both labels, promotion and not_promotion")
    truth = [example.promotes for example in used]
    folds = grouped_folds([example.group for example in used], FOLDS)
    extra = [example for example in training if example.row.label != "borderline"]
    crossed = cross_validated_scores(used, ruleset, folds, extra)
    threshold = ruleset.weights.violation
    return EvaluationReport(
        ruleset_version=ruleset.version,
        groups=len({example.group for example in used}),
        shipped=measure([v.score for _, v in judged], truth, threshold),
        cross_validated=measure(crossed, truth, threshold),
        by_language=_by(used, crossed, threshold, lambda e: e.row.lang),
        by_kind=_by(used, crossed, threshold, lambda e: e.row.kind),
        labels=_labels(examples, verdicts),
        misses=tuple(_miss(e, v) for e, v in judged if e.promotes and v.score < threshold),
        false_alarms=tuple(
            _miss(e, v) for e, v in judged if not e.promotes and v.score >= threshold
        ),
        baselines=_baselines(used, ruleset, folds, extra) if baselines else {},
    )


def cross_validated_scores(
    examples: Sequence[Example],
    ruleset: Ruleset,
    folds: Sequence[Sequence[int]],
    training: Sequence[Example] = (),
) -> list[float]:
    """The score of each text under points and words fitted without its fold."""
    extra = [text_of(example, ruleset) for example in training]
    texts = [text_of(example, ruleset) for example in examples]
    scores = [0.0] * len(examples)
    for held_out in folds:
        out = set(held_out)
        kept = [text for index, text in enumerate(texts) if index not in out]
        points = fit_texts([*kept, *extra], ruleset)
        found = score_texts([texts[i] for i in held_out], points, ruleset)
        for index, score in zip(held_out, found.tolist(), strict=True):
            scores[index] = score
    return scores


def _baselines(
    examples: Sequence[Example],
    ruleset: Ruleset,
    folds: Sequence[Sequence[int]],
    training: Sequence[Example],
) -> dict[str, Metrics]:
    truth = [example.promotes for example in examples]
    counts = [_distinct_terms(example, ruleset) for example in examples]
    most = max(counts) or 1
    return {
        "any_term": measure([1.0 if count else 0.0 for count in counts], truth, _HALF),
        "distinct_terms": measure([count / most for count in counts], truth, _HALF),
        "tfidf_char_ngrams": measure(_tfidf_scores(examples, folds, training), truth, _HALF),
    }


def _distinct_terms(example: Example, ruleset: Ruleset) -> int:
    text = "\n".join(block.text for block in example.document.blocks)
    return len(
        {
            use.entry
            for hit in find_words(fold(text), ruleset)
            for use in hit.uses
            if ruleset.sides[use.bit] != "against"
        }
    )


def _tfidf_scores(
    examples: Sequence[Example], folds: Sequence[Sequence[int]], training: Sequence[Example]
) -> list[float]:
    """TF-IDF of character 1- to 4-grams with logistic regression, in the same folds."""
    try:
        text_features = import_module("sklearn.feature_extraction.text")
        linear_model = import_module("sklearn.linear_model")
        pipeline = import_module("sklearn.pipeline")
    except ImportError as error:
        raise BadInput(
            "the TF-IDF baseline needs scikit-learn", hint="install the development extra `dev`"
        ) from error
    texts = [_whole(example) for example in examples]
    more = [_whole(example) for example in training]
    promotes = [example.promotes for example in training]
    scores = [0.0] * len(examples)
    for held_out in folds:
        kept = [i for i in range(len(examples)) if i not in set(held_out)]
        model = pipeline.make_pipeline(
            text_features.TfidfVectorizer(
                analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2
            ),
            linear_model.LogisticRegression(
                C=10.0, max_iter=2_000, class_weight="balanced", random_state=0
            ),
        )
        model.fit(
            [*(texts[i] for i in kept), *more], [*(examples[i].promotes for i in kept), *promotes]
        )
        chances = model.predict_proba([texts[i] for i in held_out])[:, 1]
        for index, score in zip(held_out, chances.tolist(), strict=True):
            scores[index] = score
    return scores


def _whole(example: Example) -> str:
    row = example.row
    return f"{row.title}\n{row.text}\n{' '.join(row.urls)}"


def _by(
    examples: Sequence[Example],
    scores: Sequence[float],
    threshold: float,
    key: Callable[[Example], str],
) -> dict[str, Metrics]:
    members: dict[str, list[int]] = {}
    for index, example in enumerate(examples):
        members.setdefault(key(example) or "unknown", []).append(index)
    return {
        name: measure(
            [scores[i] for i in places], [examples[i].promotes for i in places], threshold
        )
        for name, places in sorted(members.items())
    }


def _labels(examples: Sequence[Example], verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for example, verdict in zip(examples, verdicts, strict=True):
        row = table.setdefault(example.row.label, {})
        row[verdict.label] = row.get(verdict.label, 0) + 1
    return table


def _miss(example: Example, verdict: Verdict) -> Miss:
    return Miss(
        example.row.id,
        example.row.label,
        example.row.kind,
        example.row.lang,
        verdict.score,
        tuple(f"{e.points:+.2f} {e.rule}: {e.quote}" for e in verdict.evidence),
    )

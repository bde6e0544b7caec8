from __future__ import annotations

import msgspec

from reports import DailyReport, render_json


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    version: int
    report: DailyReport


def test_a_program_reads_back_the_whole_report(sample: DailyReport) -> None:
    read = msgspec.json.decode(render_json(sample), type=Envelope)

    assert (read.format, read.version) == ("promowatch-daily-report", 1)
    assert read.report.new[0].title == sample.new[0].title
    assert msgspec.to_builtins(read.report) == msgspec.to_builtins(sample)


def test_addresses_are_as_they_are_and_both_languages_are_there(sample: DailyReport) -> None:
    data = msgspec.json.decode(render_json(sample))["report"]
    first = data["new"][0]

    assert first["url"] == "https://blog.sample.test/post/3120?from=feed"
    assert first["for_promotion"][0]["title"] == {
        "zh": "交易所推荐链接",
        "en": "exchange referral link",
    }
    assert first["first_seen"] == "2026-03-02T09:30:00+08:00"

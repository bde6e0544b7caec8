"""Exports of millions of entries: read here, judged by worker processes, stored part by part.

Beside the pipelines the only crawler files that know classifiers and storage.
"""

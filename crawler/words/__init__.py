"""Words in pictures, read off the crawl loop: the most suspicious first, within a budget."""

from crawler.words.memo import WordMemo
from crawler.words.reader import WordReader, Words, word_reader
from crawler.words.suspicion import Clues, clues_of, telling_words
from crawler.words.worker_process import WorkerProcess

__all__ = [
    "Clues",
    "WordMemo",
    "WordReader",
    "Words",
    "WorkerProcess",
    "clues_of",
    "telling_words",
    "word_reader",
]

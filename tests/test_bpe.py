"""The merges of the library `tokenizers`, in the form that lesson 04 compares with."""

from course.bpe import library_merges


def pieces(**words):
    return {tuple(word.encode("utf-8")): times for word, times in words.items()}


def test_the_smaller_pair_goes_first_and_each_piece_counts_as_often_as_it_occurs():
    five = pieces(cook=4, cooking=3, cooked=2, look=5, looking=2)
    assert library_merges(five, 3) == [(111, 107), (111, 256), (99, 257)]


def test_any_byte_keeps_its_number():
    assert library_merges({(0, 255): 2, (255, 13): 3, (32, 10): 1}, 2) == [(255, 13), (0, 255)]


def test_it_stops_when_no_pair_is_left_and_leaves_the_dict_alone():
    words = pieces(ab=1)
    assert library_merges(words, 5) == [(97, 98)]
    assert words == {(97, 98): 1} and library_merges({}, 3) == []

"""Where a learner is sent with what is wrong in a lesson: never to an address that is not there."""

import pytest

from nnlib.course import progress
from nnlib.course.exercises import feedback

HEAD = "https://github.com/ann/nets/issues/new?template=lesson.yml&where="


@pytest.fixture
def clone(tmp_path):
    """Write the settings of a clone that has the form; return its folder."""
    (tmp_path / feedback.FORM).parent.mkdir(parents=True)
    (tmp_path / feedback.FORM).touch()
    (tmp_path / ".git").mkdir()

    def with_settings(text):
        (tmp_path / ".git" / "config").write_text(text)
        return tmp_path

    return with_settings


def remote(url, name="origin"):
    return f'[core]\n\tbare = false\n[remote "{name}"]\n\turl = {url}\n\tfetch = +refs\n'


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/ann/nets",
        "https://github.com/ann/nets.git",
        "https://github.com/ann/nets/",
        "https://ann:secret@github.com/ann/nets.git",
        "http://www.github.com/ann/nets",
        "git@github.com:ann/nets.git",
        "org-12@github.com:ann/nets.git",
        "ssh://git@github.com/ann/nets.git",
        "ssh://git@ssh.github.com:443/ann/nets.git",
        "git://github.com/ann/nets.git",
        '"https://github.com/ann/nets.git"',
    ],
)
def test_every_way_to_write_an_address_leads_to_the_form(clone, url):
    assert feedback.form("04 · Backprop", clone(remote(url))) == f"{HEAD}04+%C2%B7+Backprop"


@pytest.mark.parametrize(
    "url",
    [
        "/folder/of/nets",
        "https://gitlab.com/ann/nets.git",
        "https://github.com.example.org/ann/nets",
        "https://example.org/github.com/ann/nets",
        "https://notgithub.com/ann/nets",
        "https://github.com/ann",
        'https://github.com/ann/"><script>',
        "https://github.com/ann/nets/tree/main",
        "",
    ],
)
def test_an_address_that_is_not_there_is_none(clone, url):
    assert feedback.form("04", clone(remote(url))) is None


def test_in_a_fork_the_course_is_told_and_not_the_fork(clone):
    fork = remote("git@github.com:bob/nets.git") + remote("git@github.com:ann/nets.git", "upstream")
    assert feedback.form("", clone(fork)) == HEAD
    other = remote("/a/folder") + remote("git@github.com:ann/nets.git", "hub")
    assert feedback.form("", clone(other)) == HEAD


def test_only_the_address_of_a_remote_counts(clone):
    text = '[submodule "x"]\n\turl = https://github.com/ann/nets\n'
    assert feedback.form("", clone(remote("/a/folder") + text)) is None


def test_a_second_work_tree_has_the_settings_of_its_clone(clone, tmp_path):
    first = clone(remote("https://github.com/ann/nets"))
    (first / ".git" / "worktrees" / "b").mkdir(parents=True)
    (first / ".git" / "worktrees" / "b" / "commondir").write_text("../..\n")
    second = tmp_path / "b"
    (second / feedback.FORM).parent.mkdir(parents=True)
    (second / feedback.FORM).touch()
    (second / ".git").write_text(f"gitdir: {first}/.git/worktrees/b\n")
    assert feedback.form("", second) == HEAD


def test_without_a_clone_or_without_the_form_there_is_none(clone, tmp_path):
    first = clone(remote("https://github.com/ann/nets"))
    (first / feedback.FORM).unlink()
    assert feedback.form("", first) is None
    (first / feedback.FORM).touch()
    (first / ".git" / "config").write_bytes(b"\xff\xfe")
    assert feedback.form("", first) is None
    (first / ".git" / "config").unlink()
    assert feedback.form("", first) is None


def test_this_clone_has_the_form():
    assert (feedback.ROOT / feedback.FORM).exists()


@pytest.mark.parametrize("url", ["https://github.com/ann/nets", "/a/folder"])
def test_the_end_of_a_lesson_says_where(clone, monkeypatch, tmp_path, url):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "notes.json"))
    monkeypatch.setattr(feedback, "ROOT", clone(remote(url)))
    text, page = repr(progress("04")), progress("04")._repr_html_()
    if url.startswith("https"):
        assert text.endswith(f"Something wrong or unclear here? {HEAD}04+%C2%B7+Backprop")
        assert f'href="{HEAD.replace("&", "&amp;")}04+%C2%B7+Backprop"' in page
        assert ">Something wrong or unclear here?</a>" in page
    else:
        assert text.endswith(f"Something wrong or unclear here? {feedback.ELSEWHERE}")
        assert "/issues/" not in page

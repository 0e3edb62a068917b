# SPDX-License-Identifier: GPL-3.0-or-later
"""Output and help in other languages. That no message is left untranslated is what `make check-po` checks."""

import os
import pathlib
import re
import shutil
import subprocess
import unicodedata

import pytest

from pki import DAY, NOW, dns
from plugin import CRITICAL, OK, UNKNOWN, WARNING, execute, run, run_json

SOURCE = pathlib.Path(__file__).resolve().parents[2]
LANGUAGES = ["de", "fr", "ja"]
AT = f"--at=@{NOW}"
DOMAIN = "check_cert_renewal.mo"


def msgfmt(source, directory, language):
    out = directory / language / "LC_MESSAGES" / DOMAIN
    out.parent.mkdir(parents=True)
    subprocess.run(["msgfmt", "--check-format", "-o", out, source], check=True)


@pytest.fixture(scope="module")
def catalogs(tmp_path_factory):
    """The environment in which a plugin that is not installed finds the translations."""
    directory = tmp_path_factory.mktemp("catalogs")
    for language in LANGUAGES:
        msgfmt(SOURCE / "po" / f"{language}.po", directory, language)
    return {"CHECK_CERT_RENEWAL_LOCALEDIR": str(directory)}


@pytest.fixture
def overdue(pki, write):
    """A certificate whose renewal is ten days overdue: twenty days are left."""
    return write("overdue.pem", pki.leaf())


def speaking(catalogs, **variables):
    return {**catalogs, **variables}


WORDS = {"en": "automatic renewal overdue by 10 days", "de": "automatische Erneuerung", "fr": "renouvellement automatique",
         "ja": "SSLサーバ証明書の自動更新が予定日を10日過ぎています"}


def language_of(result):
    spoken = [language for language, words in WORDS.items() if words in result.headline]
    assert len(spoken) == 1, result
    return spoken[0]


# --- Which language ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_option(catalogs, overdue, language):
    assert language_of(run("-f", overdue, AT, f"--lang={language}", env=catalogs)) == language
    assert language_of(run("--lang", language, "-f", overdue, AT, env=catalogs)) == language


@pytest.mark.parametrize("name, language", [
    ("de_AT", "de"), ("de_CH.UTF-8", "de"), ("fr_CA.ISO-8859-1", "fr"), ("ja_JP.eucJP", "ja"), ("en_GB.UTF-8", "en"),
    ("de@euro", "de"),
])
def test_option_as_a_locale(catalogs, overdue, name, language):
    assert language_of(run("-f", overdue, AT, f"--lang={name}", env=catalogs)) == language


@pytest.mark.parametrize("variables, language", [
    ({}, "en"),
    ({"LANG": "ja_JP.UTF-8"}, "ja"),
    ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "de_DE.UTF-8"}, "de"),
    ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "de_DE.UTF-8", "LC_ALL": "fr_FR.UTF-8"}, "fr"),
    ({"LANG": "ja_JP.UTF-8", "LC_ALL": ""}, "ja"),
    ({"LANG": "it_IT.UTF-8"}, "en"),
    ({"LANG": "it_IT.UTF-8", "LANGUAGE": "it:fr:de"}, "fr"),
    ({"LANG": "de_DE.UTF-8", "LANGUAGE": "en:de"}, "en"),
    # as gettext(3): no language in the locale of programs
    ({"LC_ALL": "C", "LANG": "ja_JP.UTF-8", "LANGUAGE": "ja"}, "en"),
    ({"LC_ALL": "C.UTF-8", "LANGUAGE": "ja"}, "en"),
    ({"LC_ALL": "POSIX", "LANGUAGE": "ja"}, "en"),
    ({"LANGUAGE": "ja"}, "en"),
    # not a language of ours, whatever it looks like
    ({"LANG": "deutsch"}, "en"),
    ({"LANG": "d"}, "en"),
    ({"LANG": "../../de"}, "en"),
    ({"LANG": "x" * 5000}, "en"),
])
def test_environment(catalogs, overdue, variables, language):
    assert language_of(run("-f", overdue, AT, env=speaking(catalogs, **variables))) == language


def test_option_before_environment(catalogs, overdue):
    env = speaking(catalogs, LC_ALL="ja_JP.UTF-8", LANGUAGE="ja")
    assert language_of(run("-f", overdue, AT, "--lang=de", env=env)) == "de"
    assert language_of(run("-f", overdue, AT, "--lang=en", env=env)) == "en"


def test_ini_file(catalogs, overdue, tmp_path):
    ini = tmp_path / "plugins.ini"
    ini.write_text("[check_cert_renewal]\nlang=fr\n")
    assert language_of(run("-f", overdue, AT, f"--extra-opts=@{ini}", env=catalogs)) == "fr"


@pytest.mark.parametrize("name", ["", "it", "deu", "german", "DE", "jp"])
def test_no_such_language(catalogs, overdue, name):
    result = run("-f", overdue, AT, f"--lang={name}", env=catalogs)
    assert result.code == UNKNOWN
    assert result.headline.endswith("accepted are en de fr ja")


def test_a_wrong_option_is_told_in_the_language(catalogs, overdue):
    before = run("--lang=de", "-f", overdue, "-w", "nonsense", env=catalogs)
    after = run("-f", overdue, "-w", "nonsense", "--lang=de", env=catalogs)
    assert before.headline == after.headline
    assert before.code == UNKNOWN
    assert before.headline != run("-f", overdue, "-w", "nonsense", env=catalogs).headline


def test_catalogs_that_are_not_there(overdue, tmp_path):
    """English, and the same verdict: a language is no reason to fail."""
    result = run("-f", overdue, AT, "--lang=ja", env={"CHECK_CERT_RENEWAL_LOCALEDIR": str(tmp_path)})
    assert result.code == WARNING and language_of(result) == "en"


def test_a_catalog_that_is_no_catalog(overdue, tmp_path):
    out = tmp_path / "ja" / "LC_MESSAGES" / DOMAIN
    out.parent.mkdir(parents=True)
    for content in (b"", b"\xde\x12\x04\x95", os.urandom(4096)):
        out.write_bytes(content)
        result = run("-f", overdue, AT, "--lang=ja", env={"CHECK_CERT_RENEWAL_LOCALEDIR": str(tmp_path)})
        assert result.code == WARNING and language_of(result) == "en"


# --- What it reads like --------------------------------------------------------------------------


def test_the_japanese_headline(catalogs, overdue):
    result = run("-f", overdue, AT, "--lang=ja", env=catalogs)
    name = result.headline.split(": ")[0]
    assert result.headline == f"{name}: SSLサーバ証明書の自動更新が予定日を10日過ぎています。有効期限まで残り20日(2026-12-14)" \
        .replace("2026-12-14", re.search(r"\d{4}-\d\d-\d\d", result.headline)[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_help(catalogs, language):
    english = execute("--help", env=catalogs).stdout
    there = execute("--help", f"--lang={language}", env=catalogs)
    assert there.code == UNKNOWN
    options = re.compile(r"^(?: {2}-., | {6})--[\w-]+(?:\[?=\S+)?$", re.MULTILINE)
    assert options.findall(there.stdout) == options.findall(english)
    # nothing is left in English: no paragraph is the same
    same = set(paragraphs(english)) & set(paragraphs(there.stdout))
    assert same == set(), same


def paragraphs(text):
    """What explains an option in --help: the lines indented by six."""
    return [" ".join(lines.split()) for lines in re.findall(r"(?:^ {6}\S.*\n)+", text, re.MULTILINE)]


def columns(text):
    return sum(0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
               for character in text)


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_help_fits_a_terminal(catalogs, language):
    for line in execute("--help", f"--lang={language}", env=catalogs).stdout.split("\n"):
        if line.startswith(" " * 6) and not line.startswith(" " * 6 + "--"):
            assert columns(line) <= 80, line
            assert line.strip()[0] not in "、。）」),:", line
            assert line.strip()[-1] not in "（「(", line


@pytest.mark.parametrize("language, one, two", [
    ("en", "expired 1 second ago", "expired 2 seconds ago"), ("de", "1 Sekunde ", "2 Sekunden "),
    ("fr", "1 seconde ", "2 secondes "), ("ja", "1秒", "2秒"),
])
def test_plurals(pki, write, catalogs, language, one, two):
    certificate = pki.leaf()
    path = write("leaf.pem", certificate)
    for seconds, words in ((1, one), (2, two)):
        result = run("-f", path, f"--at=@{certificate.not_after + seconds}", f"--lang={language}", env=catalogs)
        assert words in result.headline


# --- What does not change ------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_names_stay(pki, start, catalogs, language):
    server = start.openssl(pki.chain(names=[dns("www.example.test")]))
    argv = ["-H", "www.example.test", "-I", "127.0.0.1", "-p", server.port, "-r", pki.root_file, AT, "-v"]
    english = run(*argv, env=catalogs)
    there = run(*argv, f"--lang={language}", env=catalogs)
    assert (there.code, there.state) == (english.code, english.state)
    fixed = {label: item for label, item in english.perfdata.items() if label != "time"}
    assert {label: item for label, item in there.perfdata.items() if label != "time"} == fixed

    def names(result):
        return [(found.state, found.text.split(":")[0]) for found in result.findings]

    assert names(there) == names(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_json_but_for_its_sentences(overdue, catalogs, language):
    def without_words(item):
        if isinstance(item, dict):
            return {key: without_words(value) for key, value in item.items()
                    if key not in ("text", "headline", "seconds")}
        return [without_words(part) for part in item] if isinstance(item, list) else item

    english = run_json("-f", overdue, AT, env=catalogs).json
    there = run_json("-f", overdue, AT, f"--lang={language}", env=catalogs).json
    assert without_words(there) == without_words(english)
    assert there != english  # the sentences are translated


@pytest.mark.parametrize("charset, locale", [("ISO-8859-1", "de_DE"), ("EUC-JP", "ja_JP"), ("ISO-8859-15", "fr_FR")])
def test_utf8_in_other_character_sets(overdue, catalogs, tmp_path, charset, locale):
    """The text is UTF-8 whatever the locale's own encoding is: run() reads nothing else."""
    if shutil.which("localedef") is None or not os.path.exists(f"/usr/share/i18n/locales/{locale}"):
        pytest.skip("no localedef with its sources here (package locales)")
    subprocess.run(["localedef", "-i", locale, "-f", charset, tmp_path / f"{locale}.{charset}"], check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    env = speaking(catalogs, LOCPATH=str(tmp_path), LC_ALL=f"{locale}.{charset}")
    language = locale[:2]
    result = run("-f", overdue, AT, "-v", env=env)
    assert language_of(result) == language
    assert result.text == run("-f", overdue, AT, "-v", f"--lang={language}", env=catalogs).text


# --- Nothing is left out -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    """A catalog with marks around each message: what stands outside of them cannot be translated."""
    directory = tmp_path_factory.mktemp("marked")
    filled = subprocess.run(["msgen", SOURCE / "po" / "fr.po"], stdout=subprocess.PIPE, check=True).stdout
    around = subprocess.run(["msgfilter", "--keep-header", "sed", "-e", "1s/^/⟦/", "-e", "$s/$/⟧/"], input=filled,
                            stdout=subprocess.PIPE, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout
    source = directory / "marked.po"
    source.write_bytes(around)
    msgfmt(source, directory, "de")
    return {"CHECK_CERT_RENEWAL_LOCALEDIR": str(directory)}


def outside_of_marks(text):
    """The text without what stands between marks, which may stand inside each other."""
    depth, out = 0, []
    for character in text:
        depth += character == "⟦"
        if depth == 0:
            out.append(character)
        depth -= character == "⟧"
    assert depth == 0, text
    return "".join(out)


# Names, not words: states and findings, what certificates hold; and what the C library may translate itself.
NAMES = re.compile(r"CERT_RENEWAL|OK|WARNING|CRITICAL|UNKNOWN|\\_\[\w+\] - [a-z-]+:|sha256: [0-9A-F:]+|"
                   r"'[\w.-]*'=\S*|(?:/[\w.-]+)+|\bfile://\S+|[\w*.-]+\.(?:test|pem)\S*|CN ?= ?[\w .-]+|TLSv1\.\d|"
                   r"-[wcrs]\b|Datei oder Verzeichnis nicht gefunden|[0-9A-Fa-f]{8,}|\w+://\S*|127\.0\.0\.1")


def english_in(text):
    rest = NAMES.sub(" ", outside_of_marks(text))
    return re.findall(r"[A-Za-z]{3,}(?: [A-Za-z]{2,})*", rest)


def situations(pki, write, tmp_path):
    leaf = write("leaf.pem", pki.leaf())
    chain = write("chain.pem", *pki.chain())
    yield [leaf]
    yield [chain, "-r", str(pki.root_file), "-v", "-v"]
    yield [chain, "-r", str(pki.root_file), "--sni", "other.example.test"]
    yield [leaf, "-r", str(pki.root_file)]
    yield [leaf, "-w", "200", "-c", "100"]
    yield [leaf, "-w", "20:40"]
    yield [leaf, "--forecast"]
    yield [leaf, "--at", f"@{NOW + 30 * DAY}"]
    yield [leaf, "--at", f"@{NOW - 100 * DAY}"]
    yield [leaf, "-f", str(tmp_path / "missing.pem")]
    yield [str(tmp_path)]


def test_nothing_is_left_out_of_files(pki, write, tmp_path, marked):
    for number, (path, *options) in enumerate(situations(pki, write, tmp_path)):
        at = [] if "--at" in options else [AT]
        result = execute("-f", path, *at, "--lang=de", *options, env=marked)
        assert english_in(result.stdout) == [], (number, result)


def test_nothing_is_left_out_of_hosts(pki, start, tmp_path, marked):
    server = start.openssl(pki.chain(names=[dns("www.example.test")]))
    plain = start.raw(lambda sock: sock.send(b"220 smtp.example.test ESMTP\r\n"))
    closed = start.refusing()
    history = tmp_path / "history.db"
    host = ["-H", "www.example.test", "-I", "127.0.0.1", "-r", pki.root_file]
    for port, *options in [
        (server.port, "-v", "-v", f"--history={history}", AT), (server.port, "--sni", "other.example.test", AT),
        (plain.port,), (closed.port,), (server.port, f"--client-state={tmp_path}", AT), (server.port, "--ari", AT),
        (server.port, "-f", str(tmp_path), AT), (server.port, "--show-history", f"--history={history}"),
    ]:
        result = execute(*host, "-p", port, "--lang=de", *options, env=marked)
        assert english_in(result.stdout) == [], result


@pytest.mark.parametrize("options", [
    [], ["--nonsense"], ["-x"], ["-w"], ["-H"], ["-4=1"], ["--port"], ["-H", "a", "-p", "0"], ["-H", "a", "-P", "no"],
    ["-H", "a", "-w", "x"], ["-H", "a", "-c", "101%"], ["-H", "a", "--client", "no"], ["-H", "a", "--severity", "x"],
    ["-H", "a", "--severity", "x=ok"], ["-H", "a", "--severity", "trust=x"], ["-H", "a", "--at", "x"],
    ["-H", "a", "-t", "x"], ["-H", "a", "-4", "-6"], ["-H", "a", "-I", "x"], ["-H", "http://a"], ["-H", "[x"],
    ["-H", "a", "--output-format", "x"], ["-H", "a", "--extra-opts=@/nonexistent/x.ini"], ["-p", "1", "-f", "x"],
    ["-H", "a", "-w", "1", "-c", "2"], ["-H", "a", "-P", "tls"], ["-H", "a", "-r", "/nonexistent/x"],
    ["-H", "a", "--ari=ftp://x"], ["-H", "a", "--lang=xx"],
])
def test_nothing_is_left_out_of_wrong_options(marked, options):
    text = execute("--lang=de", *options, env=marked).stdout
    rest = re.sub(r"⟧[ \w.-]+$", "⟧", text, flags=re.MULTILINE)  # names from the tables
    rest = re.sub(r"--?[\w-]+(?: [\w:/%]+)?", "", outside_of_marks(rest))  # the option and its value
    assert re.findall(r"[A-Za-z]{4,}", NAMES.sub(" ", rest)) == [], text


def test_nothing_is_left_out_of_help(marked):
    text = outside_of_marks(execute("--help", "--lang=de", env=marked).stdout)
    lines = [line for line in text.split("\n") if re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", line)]
    assert lines == [], lines

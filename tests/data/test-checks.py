#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of build-aux must notice what they are there for: each test breaks one
thing in a copy and demands that it is found.

Usage: test-checks.py ROOT
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = None
ID = "io.github.penstock.Penstock"


class CheckTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="penstock-checks-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def copy(self, name):
        source, target = os.path.join(ROOT, name), self.path(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def replace(self, name, old, new):
        with open(self.path(name), encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        self.write(name, text.replace(old, new))

    def check(self, script, *arguments):
        done = subprocess.run([os.path.join(ROOT, "build-aux", script), *arguments],
                              capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 1 if done.stdout else 0)
        return done.stdout

    def assert_found(self, output, *words):
        for word in words:
            self.assertIn(word, output)


class FlatpakTest(CheckTest):
    def setUp(self):
        super().setUp()
        self.copy("flatpak")
        self.manifest = f"flatpak/{ID}.json"

    def edit(self, change, both=False):
        for name in [ID, ID + ".Devel"] if both else [ID]:
            with open(self.path(f"flatpak/{name}.json"), encoding="utf-8") as file:
                manifest = json.load(file)
            change(manifest)
            self.write(f"flatpak/{name}.json", json.dumps(manifest))

    def run_check(self):
        return self.check("check-flatpak", self.path("flatpak"))

    def test_as_it_is(self):
        self.assertEqual(self.run_check(), "")

    def test_wider_permission(self):
        self.edit(lambda manifest: manifest["finish-args"].append("--filesystem=home"), both=True)
        self.assert_found(self.run_check(), "permissions")

    def test_missing_permission(self):
        self.edit(lambda manifest: manifest["finish-args"].pop(), both=True)
        self.assert_found(self.run_check(), "permissions")

    def test_old_runtime(self):
        self.edit(lambda manifest: manifest.update({"runtime-version": "48"}), both=True)
        self.assert_found(self.run_check(), "runtime-version")

    def test_no_checksum(self):
        self.edit(lambda manifest: manifest["modules"][0]["sources"][0].pop("sha256"), both=True)
        self.assert_found(self.run_check(), "libsodium", "SHA-256")

    def test_short_checksum(self):
        def shorten(manifest):
            source = manifest["modules"][1]["sources"][0]
            source["sha256"] = source["sha256"][:-1]
        self.edit(shorten, both=True)
        self.assert_found(self.run_check(), "libqrencode", "SHA-256")

    def test_one_library_more(self):
        self.edit(lambda manifest: manifest["modules"].insert(0, dict(manifest["modules"][0],
                                                                      name="libportal")), both=True)
        self.assert_found(self.run_check(), "modules")

    def test_all_of_zbar(self):
        self.edit(lambda manifest: manifest["modules"][2]["config-opts"].clear(), both=True)
        self.assert_found(self.run_check(), "zbar")

    def test_variants_differ(self):
        self.edit(lambda manifest: manifest["cleanup"].append("/share"))
        self.assert_found(self.run_check(), "differs")

    def test_no_json(self):
        self.write(self.manifest, "{")
        self.assert_found(self.run_check(), "JSON")

    def test_member_twice(self):
        self.replace(self.manifest, '"command"', '"command": "sh", "command"')
        self.assert_found(self.run_check(), "twice")


class IconTest(CheckTest):
    ICON = f"data/icons/scalable/apps/{ID}.svg"
    SYMBOLIC = f"data/icons/symbolic/apps/{ID}-symbolic.svg"

    def setUp(self):
        super().setUp()
        self.copy(self.ICON)
        self.copy(self.SYMBOLIC)

    def test_as_they_are(self):
        self.assertEqual(self.check("check-desktop", "icon", self.path(self.ICON)), "")
        self.assertEqual(self.check("check-desktop", "symbolic-icon", self.path(self.SYMBOLIC)), "")

    def test_colour(self):
        self.replace(self.SYMBOLIC, "#2e3436", "#3584e4")
        self.assert_found(self.check("check-desktop", "symbolic-icon", self.path(self.SYMBOLIC)),
                          "#3584e4")

    def test_size(self):
        self.replace(self.ICON, 'width="128" height="128"', 'width="64" height="64"')
        self.assert_found(self.check("check-desktop", "icon", self.path(self.ICON)), "width")

    def test_reference(self):
        self.replace(self.ICON, "url(#gate)", "url(#gone)")
        self.assert_found(self.check("check-desktop", "icon", self.path(self.ICON)), "gone")

    def test_no_svg(self):
        self.write(self.ICON, "<svg")
        self.assert_found(self.check("check-desktop", "icon", self.path(self.ICON)), "unclosed")


class IdentityTest(CheckTest):
    def setUp(self):
        super().setUp()
        for kind in ("desktop", "service", "metainfo.xml"):
            source = f"data/{ID}.{kind}.in" + ("" if kind == "service" else ".in")
            self.copy(source)
            self.replace(source, "@APP_ID@", ID)
            os.rename(self.path(source), self.path(f"{ID}.{kind}"))
        self.replace(f"{ID}.service", "@BINDIR@", "/usr/bin")

    def run_check(self):
        return self.check("check-desktop", "identity", ID,
                          *(self.path(f"{ID}.{kind}") for kind in ("desktop", "service",
                                                                   "metainfo.xml")))

    def test_as_it_is(self):
        self.assertEqual(self.run_check(), "")

    def test_other_bus_name(self):
        self.replace(f"{ID}.service", f"Name={ID}", "Name=io.github.penstock.Other")
        self.assert_found(self.run_check(), "bus name")

    def test_other_program(self):
        self.replace(f"{ID}.service", "/usr/bin/penstock", "/usr/bin/penstock-cli")
        self.assert_found(self.run_check(), "program")

    def test_no_folders(self):
        self.replace(f"{ID}.desktop", "inode/directory;", "")
        self.assert_found(self.run_check(), "inode/directory")

    def test_other_launchable(self):
        self.replace(f"{ID}.metainfo.xml", f"{ID}.desktop", "other.desktop")
        self.assert_found(self.run_check(), "launchable")


THREAT_TEST = 'g_test_add_func ("/threats/%02u-%s", test);\n'
THREAT_ROW = "| %u | elsewhere | here | `/threats/%02u-%s` |\n"
N_THREATS = 24


class ThreatsTest(CheckTest):
    """A small tree with one test and one line for each threat."""

    TEST = "tests/wing/test-it.c"
    BUILD = "tests/wing/meson.build"
    DOCS = "docs/security.md"

    def setUp(self):
        super().setUp()
        numbers = range(1, N_THREATS + 1)
        self.write(self.TEST, "".join(THREAT_TEST % (n, f"of-{n}") for n in numbers))
        self.write(self.BUILD, "foreach name : ['it']\n")
        self.write(self.DOCS, "| # | a | b | c |\n|---|---|---|---|\n"
                   + "".join(THREAT_ROW % (n, n, f"of-{n}") for n in numbers))

    def run_check(self):
        return self.check("check-threats", self.folder)

    def test_as_it_is(self):
        self.assertEqual(self.run_check(), "")

    def test_the_source(self):
        self.assertEqual(self.check("check-threats", ROOT), "")

    def test_no_test(self):
        self.replace(self.TEST, THREAT_TEST % (9, "of-9"), "")
        self.assert_found(self.run_check(), "threat 9 has no test", "there is no /threats/09-of-9")

    def test_not_built(self):
        self.replace(self.BUILD, "'it'", "'other'")
        self.assert_found(self.run_check(), "threat 1 has", "threat 24 has")

    def test_built_by_file(self):
        self.replace(self.BUILD, "foreach name : ['it']", "executable('test-it', 'test-it.c')")
        self.assertEqual(self.run_check(), "")

    def test_no_line(self):
        self.replace(self.DOCS, THREAT_ROW % (24, 24, "of-24"), "")
        self.assert_found(self.run_check(), "no line for threat 24")

    def test_not_named(self):
        self.replace(self.DOCS, "`/threats/03-of-3`", "")
        self.assert_found(self.run_check(), "does not name /threats/03-of-3")

    def test_other_line(self):
        self.replace(self.DOCS, "`/threats/03-of-3`", "`/threats/04-of-4`")
        self.assert_found(self.run_check(), "line 3: there is no /threats/04-of-4")

    def test_unknown_threat(self):
        self.replace(self.TEST, "/threats/24-", "/threats/25-")
        self.assert_found(self.run_check(), "/threats/25-of-24: there is no such threat")


LIMIT_ROW = "| resource %u | 1 | `wing/pst-room.h`: `PST_ROOM_MAX` | `/room/of-%u` |\n"
N_LIMITS = 50


class LimitsTest(CheckTest):
    """A small tree with one constant and a test for each of its limits."""

    TEST = "tests/wing/test-it.c"
    BUILD = "tests/wing/meson.build"
    SOURCE = "src/wing/pst-room.h"
    DOCS = "docs/security.md"

    def setUp(self):
        super().setUp()
        numbers = range(1, N_LIMITS + 1)
        self.write(self.TEST, "".join(f'ADD ("/room/of-{n}");\n' for n in numbers))
        self.write(self.BUILD, "foreach name : ['it']\n")
        self.write(self.SOURCE, "#define PST_ROOM_MAX 1\n")
        self.write(self.DOCS, "## What a stranger can touch\n| Resource | a | b | c |\n|---|---|---|---|\n"
                   "| **Anyone** | | | |\n"
                   + "".join(LIMIT_ROW % (n, n) for n in numbers))

    def run_check(self):
        return self.check("check-limits", self.folder)

    def test_as_it_is(self):
        self.assertEqual(self.run_check(), "")

    def test_the_source(self):
        self.assertEqual(self.check("check-limits", ROOT), "")

    def test_no_name(self):
        self.replace(self.DOCS, "| `/room/of-9` |", "| |")
        self.assert_found(self.run_check(), "resource 9: no test is named")

    def test_no_test(self):
        self.replace(self.TEST, '"/room/of-9"', '"/room/of-the-others"')
        self.assert_found(self.run_check(), "resource 9: there is no test /room/of-9")

    def test_by_name(self):
        self.replace(self.DOCS, "`/room/of-9`", "`it`")
        self.assertEqual(self.run_check(), "")
        self.replace(self.DOCS, "`it`", "`other`")
        self.assert_found(self.run_check(), "resource 9: there is no test other")

    def test_no_constant(self):
        self.replace(self.SOURCE, "PST_ROOM_MAX", "PST_ROOM_MOST")
        self.assert_found(self.run_check(), "resource 1: the source has no PST_ROOM_MAX")

    def test_no_row(self):
        self.replace(self.DOCS, LIMIT_ROW % (9, 9), "")
        self.assert_found(self.run_check(), "has lost rows")


GERMAN_HEADER = """# Strings of Penstock in German; not yet reviewed by a native speaker.
msgid ""
msgstr ""
"Project-Id-Version: penstock\\n"
"PO-Revision-Date: 2026-11-25 00:00+0000\\n"
"Last-Translator: nobody\\n"
"Language-Team: German\\n"
"Language: de\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""

SOURCE = """/* Translators: “%s” is a name */
_ ("Hello %s");
/* Translators: “%u” is how many */
ngettext ("%u file", "%u files", n);
"""
GERMAN = """
#: src/app/a.c
#, c-format
msgid "Hello %s"
msgstr "Hallo %s"

#: src/app/a.c
#, c-format
msgid "%u file"
msgid_plural "%u files"
msgstr[0] "%u Datei"
msgstr[1] "%u Dateien"
"""


class TranslationTest(CheckTest):
    """A small tree of its own, with one source file and one language."""

    def setUp(self):
        super().setUp()
        self.copy("build-aux/update-po")
        os.mkdir(self.path("data"))
        self.write("src/app/a.c", SOURCE)
        self.write("po/POTFILES", "src/app/a.c\n")
        self.write("po/LINGUAS", "")
        self.update()

    def update(self):
        subprocess.run([self.path("build-aux/update-po")], check=True, capture_output=True)

    def add_german(self, header=GERMAN_HEADER, body=GERMAN):
        self.write("po/LINGUAS", "de\n")
        self.write("po/de.po", header + body)

    def run_check(self):
        return self.check("check-po", self.folder)

    def run_german(self):
        """The flaws but for the languages that this small tree does not have."""
        return "".join(line + "\n" for line in self.run_check().splitlines()
                       if not line.startswith("po/LINGUAS: lacks"))

    def test_as_it_is(self):
        self.assertEqual(self.run_check(), "")

    def test_file_not_listed(self):
        self.write("src/app/b.c", '/* Translators: a word */ _ ("Word");')
        self.assert_found(self.run_check(), "lacks src/app/b.c")

    def test_file_gone(self):
        self.write("po/POTFILES", "src/app/a.c\nsrc/app/z.c\n")
        self.assert_found(self.run_check(), "src/app/z.c is not there")

    def test_old_template(self):
        self.write("src/app/a.c", SOURCE + '_ ("One more sentence.");')
        self.assert_found(self.run_check(), "not up to date")

    def test_no_comment(self):
        self.write("src/app/a.c", '_ ("Sent %s"); _ ("Sent"); _ ("Sent to “%s”."); _ ("Cancel");'
                   'ngettext ("%u file", "%u files", n); ngettext ("%u of %s", "%u of %s", n);')
        self.update()
        found = self.run_check()
        self.assert_found(found, "“Sent %s”", "“Sent”", "“%u of %s”")
        self.assertNotIn("%u file", found)
        self.assertNotIn("Sent to", found)
        self.assertNotIn("Cancel", found)

    def test_straight_quotes(self):
        self.write("src/app/a.c", '_ ("This is \\"it\\" now.");')
        self.update()
        self.assert_found(self.run_check(), "straight")

    def test_interface(self):
        self.write("src/app/a.ui", '<object><property name="label">Send</property></object>')
        self.assert_found(self.run_check(), "“Send” is not translatable")

    def test_languages_missing(self):
        self.add_german()
        self.assert_found(self.run_check(), "lacks fr", "lacks uk")

    def test_good_language(self):
        self.add_german()
        self.assertEqual(self.run_german(), "")

    def test_untranslated(self):
        self.add_german(body=GERMAN.replace('"Hallo %s"', '""'))
        self.assert_found(self.run_german(), "untranslated")

    def test_fuzzy(self):
        self.add_german(body=GERMAN.replace("#, c-format", "#, fuzzy, c-format", 1))
        self.assert_found(self.run_german(), "fuzzy")

    def test_placeholder(self):
        self.add_german(body=GERMAN.replace("Hallo %s", "Hallo %d"))
        self.assert_found(self.run_german(), "format")

    def test_plural_rule(self):
        self.add_german(GERMAN_HEADER.replace("(n != 1)", "(n > 1)"))
        self.assert_found(self.run_german(), "plural form for 0")

    def test_not_marked(self):
        self.add_german(GERMAN_HEADER.replace("not yet reviewed", "reviewed"))
        self.assert_found(self.run_german(), "header")

    def test_string_gone(self):
        self.add_german(body=GERMAN + '\n#~ msgid "Old"\n#~ msgstr "Alt"\n')
        self.assert_found(self.run_german(), "gone")


if __name__ == "__main__":
    ROOT = os.path.abspath(sys.argv.pop(1))
    unittest.main()

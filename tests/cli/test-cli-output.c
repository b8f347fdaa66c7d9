/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-output.h"

#include <locale.h>
#include <stdlib.h>

#include "pst-cli-bar.h"
#include "pst-cli-lines.h"
#include "pst-cli-text.h"
#include "pst-error.h"
#include "pst-escape.h"

/* What a writer wrote to a stream that is a piece of memory. */
typedef struct
{
  FILE *file;
  char *text;
  gsize size;
} Sink;

typedef struct
{
  Sink out;
  Sink err;
  PstCliOutput *output;
} Fixture;

static guint columns = 80;

static guint
get_columns (void)
{
  return columns;
}

static void
sink_open (Sink *sink)
{
  sink->file = open_memstream (&sink->text, &sink->size);
  g_assert_nonnull (sink->file);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  sink_open (&f->out);
  sink_open (&f->err);
  columns = 80;
  if (g_str_equal (data, "plain") || g_str_equal (data, "quiet"))
    f->output = pst_cli_plain_new (f->out.file, f->err.file, g_str_equal (data, "quiet"));
  else
    f->output = pst_cli_terminal_new (f->out.file, f->err.file, FALSE, get_columns);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_unref (f->output);
  fclose (f->out.file);
  fclose (f->err.file);
  free (f->out.text);
  free (f->err.text);
}

static gboolean
has (Sink *sink, const char *part)
{
  return strstr (sink->text, part) != NULL;
}

static guint
count (Sink *sink, const char *part)
{
  g_auto (GStrv) pieces = g_strsplit (sink->text, part, -1);

  return g_strv_length (pieces) - 1;
}

static const char *const results[] = { "/home/me/a\033[2Jb", NULL };
static const char *const left_out[] = { "“pipe” is neither a file nor a folder.", NULL };

static PstCliSnapshot
make_snapshot (void)
{
  return (PstCliSnapshot){
    .time_us = 1000,
    .id = 1,
    .title = "photos",
    .state = PST_TRANSFER_RUNNING,
    .state_name = "running",
    .sent_bytes = 750,
    .written_bytes = 500,
    .total_bytes = 1000,
    .rate_bps = 1500000,
    .mean_rate_bps = 1200000,
    .time_left_us = 12 * G_USEC_PER_SEC,
    .done_files = 1,
    .total_files = 2,
  };
}

static const PstEntry hostile[] = {
  { PST_ENTRY_FILE, "plain.txt", NULL, 1500 },
  { PST_ENTRY_FOLDER, ".ssh", NULL, 0 },
  { PST_ENTRY_FILE, ".ssh/authorized_keys", NULL, 12 },
  { PST_ENTRY_FILE, "a/b/.hidden/c", NULL, 12 },
  { PST_ENTRY_FILE,
    "cv\xe2\x80\xae"
    "fdp.exe",
    NULL, 12, 0, TRUE },
  { PST_ENTRY_FILE, "two\nlines\033[1A\033[2K", NULL, 12 },
  { PST_ENTRY_LINK, "link",
    "pl\x1b"
    "ain.txt",
    0 },
};

static PstCliOffer
make_offer (GPtrArray *entries)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    g_ptr_array_add (entries, (gpointer) &hostile[i]);

  return (PstCliOffer){
    .id = 1,
    .title = "7 items",
    .entries = entries,
    .total_bytes = 2500,
    .n_files = 5,
    .destination = "/home/me",
    .free_bytes = 1000000,
  };
}

static void
check_offer_lines (Sink *sink)
{
  g_assert_true (has (sink, "   1    1.5 kB  plain.txt\n"));
  g_assert_true (has (sink, ".ssh/  (hidden)\n"));
  g_assert_true (has (sink, ".ssh/authorized_keys  (hidden)\n"));
  g_assert_true (has (sink, "a/b/.hidden/c  (hidden)\n"));
  g_assert_true (has (sink, "cv\\u202efdp.exe  (can be run)\n"));
  g_assert_true (has (sink, "two\\nlines\\u001b[1A\\u001b[2K\n"));
  g_assert_true (has (sink, "link → pl\\u001bain.txt\n"));
  g_assert_true (has (sink, "5 files, 2.5 kB in all, into /home/me (1.0 MB free).\n"));
}

static void
test_offer (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  PstCliOffer offer = make_offer (entries);

  pst_cli_output_offer (f->output, &offer);
  check_offer_lines (&f->out);
  g_assert_false (has (&f->out, "not enough room"));
  /* No escape sequence but the writer's own, and none from a name. */
  g_assert_null (strstr (f->out.text, "\033[2J"));
  g_assert_null (strstr (f->out.text, "\033[1A"));
}

/* Each entry has a line of its own, in its order; the hidden and the nested ones
 * are like the others. */
static void
test_whole_list (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  PstCliOffer offer = make_offer (entries);
  const char *from;

  pst_cli_output_offer (f->output, &offer);
  from = f->out.text;
  for (guint i = 0; i < entries->len; i++)
    {
      g_autofree char *number = g_strdup_printf ("\n%4u  ", i + 1);
      g_autofree char *shown = pst_escape_name (((PstEntry *) g_ptr_array_index (entries, i))->path,
                                                -1);
      const char *line = strstr (from, number);
      const char *end = line != NULL ? strchr (line + 1, '\n') : NULL;
      const char *name = line != NULL ? strstr (line, shown) : NULL;

      g_assert_true (end != NULL && name != NULL && name < end);
      from = end;
    }
}

static void
test_offer_without_room (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  PstCliOffer offer = make_offer (entries);

  offer.free_bytes = 2499;
  pst_cli_output_offer (f->output, &offer);
  g_assert_true (has (&f->out, "There is not enough room"));

  offer.free_bytes = -1;
  pst_cli_output_offer (f->output, &offer);
  g_assert_true (has (&f->out, "into /home/me.\n"));
}

/* A name made of blanks must not look like a line of its own. */
static void
test_long_name_is_marked (Fixture *f, gconstpointer data)
{
  g_autofree char *name = g_strdup_printf ("good.txt%*s2      12 B  harmless.txt", 200, "");
  PstEntry entry = { PST_ENTRY_FILE, name, NULL, 12 };
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  PstCliOffer offer = { .entries = entries, .destination = "/", .free_bytes = -1 };
  g_auto (GStrv) lines = NULL;

  g_ptr_array_add (entries, &entry);
  pst_cli_output_offer (f->output, &offer);
  lines = g_strsplit (f->out.text, "\n", -1);
  for (guint i = 2; !g_str_has_prefix (lines[i], "0 files"); i++)
    {
      g_assert_true (g_str_has_prefix (lines[i], "              | "));
      g_assert_cmpuint (pst_cli_text_columns (lines[i]), <=, columns);
    }
}

/* Nobody is asked about what they have not seen, however quiet it is to be. */
static void
test_quiet (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  g_autoptr (GError) error = g_error_new (PST_ERROR, PST_ERROR_LOST, "It is gone.");
  PstCliInvite invite = { .code = "7-a-b", .link = "wormhole-transfer:7-a-b", .qr = "##\n" };
  PstCliOffer offer = make_offer (entries);
  PstCliSnapshot snapshot = make_snapshot ();

  pst_cli_output_invite (f->output, &invite);
  pst_cli_output_waiting (f->output, PST_CLI_WAIT_PEER);
  pst_cli_output_connected (f->output, "Ann", PST_ROUTE_LOCAL);
  pst_cli_output_offer (f->output, &offer);
  pst_cli_output_progress (f->output, &snapshot);
  pst_cli_output_done (f->output, &snapshot);
  pst_cli_output_note (f->output, "Note.");
  g_assert_cmpstr (f->out.text, ==, "7-a-b\n");
  g_assert_cmpuint (f->err.size, ==, 0);

  pst_cli_output_ask (f->output, PST_CLI_ASK_ACCEPT);
  check_offer_lines (&f->err);
  g_assert_true (g_str_has_suffix (f->err.text, "] "));

  pst_cli_output_words (f->output, "a b c d e f");
  pst_cli_output_ask (f->output, PST_CLI_ASK_WORDS);
  g_assert_true (g_str_has_suffix (f->err.text, ":\n  a b c d e f\nDoes the other person see "
                                                "the same words? [y/N] "));

  pst_cli_output_warning (f->output, 4, "journal-full", "Beware.");
  g_assert_true (g_str_has_suffix (f->err.text, "penstock-cli: Warning: Beware.\n"));
  pst_cli_output_failed (f->output, error, 1);
  g_assert_true (g_str_has_suffix (f->err.text, "penstock-cli: It is gone.\n"));
}

static void
test_phrase (Fixture *f, gconstpointer data)
{
  pst_cli_output_words (f->output, "a b c d e f");
  g_assert_true (g_str_has_suffix (f->out.text, ":\n  a b c d e f\n"));
}

static void
test_invite (Fixture *f, gconstpointer data)
{
  PstCliInvite invite = { .code = "7-a-b",
                          .link = "wormhole-transfer:7-a-b",
                          .qr = "\033[38;5;16;48;5;231m██\033[0m\n",
                          .server_url = "ws://example.org" };
  gboolean is_terminal = g_str_equal (data, "terminal");

  pst_cli_output_invite (f->output, &invite);
  g_assert_true (has (&f->out, "Code: 7-a-b\n"));
  g_assert_true (has (&f->out, "Link: wormhole-transfer:7-a-b\n"));
  g_assert_true (has (&f->out, "penstock-cli receive --server ws://example.org 7-a-b\n"));
  g_assert_cmpint (has (&f->out, "██"), ==, is_terminal);

  columns = 1;
  invite.server_url = NULL;
  pst_cli_output_invite (f->output, &invite);
  g_assert_true (has (&f->out, "penstock-cli receive 7-a-b\n"));
  g_assert_cmpuint (count (&f->out, "██"), ==, is_terminal ? 1 : 0);
}

static void
test_words (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = g_error_new (PST_ERROR, PST_ERROR_LOST, "They said \033[2J “a\\nb”.");
  static const char *const urls[] = { "ws://[::1]:4000/v1", NULL };
  PstCliSnapshot snapshot = make_snapshot ();

  snapshot.incoming = TRUE;
  snapshot.result_paths = results;
  snapshot.left_out = left_out;
  pst_cli_output_waiting (f->output, PST_CLI_WAIT_PATH);
  g_assert_true (has (&f->out, "Looking for a path"));
  pst_cli_output_connected (f->output, "Ann\033[31m", PST_ROUTE_RELAY);
  g_assert_true (has (&f->out, "Connected to Ann\\u001b[31m through a relay.\n"));
  pst_cli_output_connected (f->output, NULL, PST_ROUTE_UNKNOWN);
  g_assert_true (has (&f->out, "Connected.\n"));
  pst_cli_output_serving (f->output, urls);
  g_assert_true (has (&f->out, "Serving at ws://[::1]:4000/v1\n"));
  pst_cli_output_note (f->output, "Beware\n.");
  g_assert_true (has (&f->out, "Beware\\n.\n"));
  pst_cli_output_done (f->output, &snapshot);
  g_assert_true (has (&f->out, "Received 2 files, 1.0 kB, at 1.2 MB/s.\n"));
  g_assert_true (has (&f->out, "/home/me/a\\u001b[2Jb\n"));
  g_assert_true (has (&f->out, "“pipe” is neither a file nor a folder.\n"));
  pst_cli_output_warning (f->output, 4, "journal-full", "Beware\n.");
  g_assert_true (has (&f->err, "penstock-cli: Warning: Beware\\n.\n"));
  pst_cli_output_failed (f->output, error, 1);
  g_assert_true (g_str_has_suffix (f->err.text, "penstock-cli: They said \\u001b[2J “a\\nb”.\n"));
  pst_cli_output_closed (f->output, 1);
}

static void
test_plain_progress_is_rare (Fixture *f, gconstpointer data)
{
  PstCliSnapshot snapshot = make_snapshot ();

  pst_cli_output_progress (f->output, &snapshot);
  g_assert_cmpstr (f->out.text, ==,
                   "photos: 50% (500 B of 1.0 kB), 1.5 MB/s, 12 s left. Sending.\n");
  snapshot.time_us += G_USEC_PER_SEC;
  pst_cli_output_progress (f->output, &snapshot);
  snapshot.state = PST_TRANSFER_HELD_NETWORK;
  pst_cli_output_progress (f->output, &snapshot);
  g_assert_cmpuint (count (&f->out, "\n"), ==, 1);

  snapshot.state = PST_TRANSFER_PAUSED_BY_THEM;
  pst_cli_output_progress (f->output, &snapshot);
  g_assert_true (has (&f->out, "Paused by them.\n"));
  pst_cli_output_progress (f->output, &snapshot);
  g_assert_cmpuint (count (&f->out, "\n"), ==, 2);

  snapshot.time_us += 5 * G_USEC_PER_SEC;
  pst_cli_output_progress (f->output, &snapshot);
  g_assert_cmpuint (count (&f->out, "\n"), ==, 3);

  snapshot.id = 2;
  pst_cli_output_progress (f->output, &snapshot);
  g_assert_cmpuint (count (&f->out, "\n"), ==, 4);
}

static void
test_terminal_redraws_one_line (Fixture *f, gconstpointer data)
{
  PstCliSnapshot snapshot = make_snapshot ();
  PstCliSnapshot other = make_snapshot ();

  other.id = 2;
  other.title = "other";
  pst_cli_output_progress (f->output, &snapshot);
  g_assert_true (g_str_has_prefix (f->out.text, "\r\033[Kphotos"));
  pst_cli_output_progress (f->output, &other);
  g_assert_false (has (&f->out, "other"));

  /* What did not change is not drawn again. */
  pst_cli_output_progress (f->output, &snapshot);
  g_assert_cmpuint (count (&f->out, "\r\033[K"), ==, 1);

  pst_cli_output_done (f->output, &snapshot);
  g_assert_true (has (&f->out, "\r\033[KSent 2 files"));
  pst_cli_output_progress (f->output, &other);
  g_assert_true (has (&f->out, "\r\033[Kother"));
  pst_cli_output_closed (f->output, 0);
  g_assert_true (g_str_has_suffix (f->out.text, "\r\033[K"));
}

static void
test_terminal_asks_again (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = g_error_new (PST_ERROR, PST_ERROR_CANCELLED, "Left.");

  pst_cli_output_ask (f->output, PST_CLI_ASK_CODE);
  g_assert_true (g_str_has_suffix (f->out.text, "\r\033[KCode or link: "));
  pst_cli_output_ask (f->output, PST_CLI_ASK_CODE);
  g_assert_cmpuint (count (&f->out, "Code or link: "), ==, 2);
  pst_cli_output_failed (f->output, error, 5);
  g_assert_true (g_str_has_suffix (f->out.text, "\r\033[K"));
}

static void
test_bar (void)
{
  PstCliSnapshot snapshot = make_snapshot ();
  g_autofree char *bar = pst_cli_bar_draw (&snapshot, 80, FALSE);

  g_assert_cmpstr (bar, ==, "photos  [==========-----      ]   50%  1.5 MB/s  12 s left  Sending");
}

static void
test_bar_full (void)
{
  PstCliSnapshot snapshot = make_snapshot ();
  g_autofree char *bar = NULL, *line = NULL;

  snapshot.state = PST_TRANSFER_FULL_THEIR_DISK;
  snapshot.rate_bps = 0;
  snapshot.missing_bytes = 1200000000;
  bar = pst_cli_bar_draw (&snapshot, 80, FALSE);
  g_assert_true (g_str_has_suffix (bar, "  50%  0 B/s  Their disk is full: 1.2 GB more needed"));
  snapshot.state = PST_TRANSFER_FULL_MY_DISK;
  snapshot.missing_bytes = 0;
  snapshot.incoming = TRUE;
  line = pst_cli_bar_line (&snapshot);
  g_assert_cmpstr (line, ==, "photos: 50% (500 B of 1.0 kB), 0 B/s. This disk is full.\n");
}

static void
test_bar_checking (void)
{
  PstCliSnapshot snapshot = make_snapshot ();
  g_autofree char *bar = NULL, *line = NULL, *early = NULL;

  snapshot.state = PST_TRANSFER_CHECKING;
  early = pst_cli_bar_line (&snapshot);
  g_assert_cmpstr (early, ==, "photos: Checking what came earlier.\n");
  snapshot.checked_bytes = 300;
  snapshot.to_check_bytes = 400;
  bar = pst_cli_bar_draw (&snapshot, 60, FALSE);
  g_assert_cmpstr (bar, ==, "photos  [=========   ]   75%  Checking what came earlier");
  line = pst_cli_bar_line (&snapshot);
  g_assert_cmpstr (line, ==, "photos: 75% (300 B of 400 B). Checking what came earlier.\n");
}

/* Of a small file nothing is safe until all of it is: that is no figure for a person. */
static void
test_bar_verifying (void)
{
  PstCliSnapshot snapshot = make_snapshot ();
  g_autofree char *bar = NULL, *line = NULL;

  snapshot.state = PST_TRANSFER_VERIFYING;
  snapshot.written_bytes = 0;
  snapshot.sent_bytes = snapshot.total_bytes;
  bar = pst_cli_bar_draw (&snapshot, 60, FALSE);
  g_assert_cmpstr (bar, ==, "photos  [-------------]  They are checking what arrived");
  line = pst_cli_bar_line (&snapshot);
  g_assert_cmpstr (line, ==, "photos: They are checking what arrived.\n");
}

static void
test_bar_at_every_width (void)
{
  static const PstTransferState states[] = {
    PST_TRANSFER_PREPARING,       PST_TRANSFER_OFFERED,         PST_TRANSFER_RUNNING,
    PST_TRANSFER_HELD_THEIR_DISK, PST_TRANSFER_FULL_THEIR_DISK, PST_TRANSFER_VERIFYING
  };
  PstCliSnapshot snapshot = make_snapshot ();

  snapshot.title = "日本語の名前がとても長いときにも幅を守る";
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    for (guint width = 0; width < 300; width++)
      {
        g_autofree char *bar = NULL;

        snapshot.state = states[i];
        bar = pst_cli_bar_draw (&snapshot, width, FALSE);
        g_assert_cmpuint (pst_cli_text_columns (bar), <=, width);
        g_assert_true (g_utf8_validate (bar, -1, NULL));
        if (width >= 4 && states[i] == PST_TRANSFER_RUNNING)
          g_assert_nonnull (strstr (bar, " 50%"));
        if (width >= 40)
          g_assert_nonnull (strstr (bar, pst_cli_text_state (states[i], FALSE)));
      }
}

static void
test_bar_colours_reasons_only (void)
{
  PstCliSnapshot snapshot = make_snapshot ();
  g_autofree char *running = pst_cli_bar_draw (&snapshot, 100, TRUE);
  g_autofree char *held = NULL;
  g_autofree char *grey = NULL;

  snapshot.state = PST_TRANSFER_HELD_NETWORK;
  held = pst_cli_bar_draw (&snapshot, 100, TRUE);
  grey = pst_cli_bar_draw (&snapshot, 100, FALSE);
  g_assert_null (strchr (running, '\033'));
  g_assert_nonnull (strstr (held, "\033[33mWaiting for the network\033[0m"));
  g_assert_null (strchr (grey, '\033'));
}

static void
test_bar_with_odd_figures (void)
{
  PstCliSnapshot snapshot = make_snapshot ();
  g_autofree char *empty = NULL;
  g_autofree char *over = NULL;

  snapshot.total_bytes = 0;
  snapshot.time_left_us = -1;
  empty = pst_cli_bar_draw (&snapshot, 80, FALSE);
  g_assert_nonnull (strstr (empty, "  0%"));
  g_assert_null (strstr (empty, "left"));

  snapshot.total_bytes = 10;
  snapshot.written_bytes = G_MAXUINT64;
  snapshot.sent_bytes = 0;
  over = pst_cli_bar_draw (&snapshot, 80, FALSE);
  g_assert_nonnull (strstr (over, "100%"));
}

/* /dev/full fails every write: as if the reader were gone. */
static void
test_lost_reader (void)
{
  FILE *full = fopen ("/dev/full", "w");

  g_assert_nonnull (full);
  pst_cli_lines_write (full, "one\n");
  g_assert_true (ferror (full));
  pst_cli_lines_write (full, "two\n");
  fclose (full);
}

int
main (int argc, char **argv)
{
  static const char *const writers[] = { "plain", "terminal" };

  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
#define ADD(path, writer, test) g_test_add (path, Fixture, writer, set_up, test, tear_down)
  for (guint i = 0; i < G_N_ELEMENTS (writers); i++)
    {
      g_autofree char *list = g_strdup_printf ("/threats/01-whole-list-first/%s", writers[i]);
      g_autofree char *offer = g_strdup_printf ("/threats/03-shown-escaped/%s", writers[i]);
      g_autofree char *room = g_strdup_printf ("/cli/output/%s/offer-without-room", writers[i]);
      g_autofree char *invite = g_strdup_printf ("/cli/output/%s/invite", writers[i]);
      g_autofree char *words = g_strdup_printf ("/cli/output/%s/words", writers[i]);
      g_autofree char *phrase = g_strdup_printf ("/cli/output/%s/phrase", writers[i]);

      ADD (list, writers[i], test_whole_list);
      ADD (offer, writers[i], test_offer);
      ADD (room, writers[i], test_offer_without_room);
      ADD (invite, writers[i], test_invite);
      ADD (words, writers[i], test_words);
      ADD (phrase, writers[i], test_phrase);
    }
  ADD ("/cli/output/terminal/long-name-is-marked", "terminal", test_long_name_is_marked);
  ADD ("/cli/output/terminal/asks-again", "terminal", test_terminal_asks_again);
  ADD ("/cli/output/terminal/redraws-one-line", "terminal", test_terminal_redraws_one_line);
  ADD ("/cli/output/plain/progress-is-rare", "plain", test_plain_progress_is_rare);
  ADD ("/threats/01-whole-list-first/quiet", "quiet", test_quiet);
  g_test_add_func ("/cli/output/bar", test_bar);
  g_test_add_func ("/cli/output/bar-full", test_bar_full);
  g_test_add_func ("/cli/output/bar-checking", test_bar_checking);
  g_test_add_func ("/cli/output/bar-verifying", test_bar_verifying);
  g_test_add_func ("/cli/output/bar-at-every-width", test_bar_at_every_width);
  g_test_add_func ("/cli/output/bar-colours-reasons-only", test_bar_colours_reasons_only);
  g_test_add_func ("/cli/output/bar-with-odd-figures", test_bar_with_odd_figures);
  g_test_add_func ("/cli/output/lost-reader", test_lost_reader);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program itself: two or three processes, a server of their own on
 * loopback, a real connection and real files. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pst-json.h"

/* Longer than everything the program waits for together. */
#define TEST_TIMEOUT_S 90

/* Enough to be interrupted at the limit below, on any machine. */
#define BIG_BYTES  (8 * 1024 * 1024)
#define SLOW_LIMIT "500k"
#define NO_LIMIT   "1G"

typedef struct
{
  GSubprocess *process;
  GDataInputStream *lines;
} Program;

typedef struct
{
  char *folder;
  char *source; /* a folder with a nested hidden file and a big one */
  char *target;
  char *url;
  char *code;
  Program server;
  Program sender;
  Program receiver;
} Fixture;

/* A test that fails leaves no programs behind, which would hold its output open. */
static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
program_start (Program *self, const char *first, ...)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  va_list list;

  g_ptr_array_add (words, (gpointer) g_getenv ("PST_TEST_CLI"));
  va_start (list, first);
  for (const char *word = first; word != NULL; word = va_arg (list, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (list);
  g_ptr_array_add (words, (gpointer) "--json");
  g_ptr_array_add (words, NULL);

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) words->pdata,
                                                &error);
  g_assert_no_error (error);
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
}

static void
program_write (Program *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_subprocess_get_stdin_pipe (self->process), text, strlen (text), NULL,
                             NULL, &error);
  g_assert_no_error (error);
}

/* The next line of this type; those before it are passed over. */
static JsonObject *
program_read (Program *self, const char *type)
{
  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) object = NULL;
      g_autofree char *line = g_data_input_stream_read_line (self->lines, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (line);
      object = pst_json_parse (line, strlen (line), G_MAXINT, &error);
      g_assert_no_error (error);
      if (g_str_equal (json_object_get_string_member (object, "type"), type))
        return g_steal_pointer (&object);
    }
}

static void
program_check_exit (Program *self, int status)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (self->process));
  g_assert_cmpint (g_subprocess_get_exit_status (self->process), ==, status);
}

static void
program_check_end (Program *self, int status)
{
  g_autoptr (JsonObject) closed = program_read (self, "closed");

  g_assert_cmpint (json_object_get_int_member (closed, "exit"), ==, status);
  program_check_exit (self, status);
}

static void
program_clear (Program *self)
{
  if (self->process != NULL)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->lines);
  g_clear_object (&self->process);
}

static void
write_file (const char *folder, const char *name, gsize n_bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *content = g_malloc (n_bytes);

  for (gsize i = 0; i < n_bytes; i++)
    content[i] = (char) (i * 131 >> 7);
  g_assert_true (g_file_set_contents (path, content, n_bytes, NULL));
}

static void
make_files (Fixture *f)
{
  g_autofree char *sub = NULL;

  f->folder = g_dir_make_tmp ("pst-e2e-XXXXXX", NULL);
  f->source = g_build_filename (f->folder, "things", NULL);
  f->target = g_build_filename (f->folder, "target", NULL);
  sub = g_build_filename (f->source, "sub", NULL);
  g_assert_cmpint (g_mkdir_with_parents (sub, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (f->target, 0700), ==, 0);
  write_file (f->source, "big", BIG_BYTES);
  write_file (sub, ".hidden", 3);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) serving = NULL;

  alarm (TEST_TIMEOUT_S);
  make_files (f);
  program_start (&f->server, "serve", "--address", "127.0.0.1", "--port", "0", NULL);
  serving = program_read (&f->server, "serving");
  f->url = g_strdup (
      json_array_get_string_element (json_object_get_array_member (serving, "urls"), 0));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  program_clear (&f->receiver);
  program_clear (&f->sender);
  program_clear (&f->server);
  remove_tree (f->folder);
  g_free (f->folder);
  g_free (f->source);
  g_free (f->target);
  g_free (f->url);
  g_free (f->code);
  alarm (0);
}

/* @limit: as for --limit. */
static void
start_sender_with_limit (Fixture *f, const char *limit)
{
  g_autoptr (JsonObject) line = NULL;

  program_start (&f->sender, "send", "--server", f->url, "--limit", limit, f->source, NULL);
  line = program_read (&f->sender, "code");
  f->code = g_strdup (json_object_get_string_member (line, "code"));
}

static void
start_sender (Fixture *f)
{
  start_sender_with_limit (f, NO_LIMIT);
}

/* The code goes through standard input: it never stands in the process list. */
static void
start_receiver (Fixture *f, const char *input)
{
  program_start (&f->receiver, "receive", "--server", f->url, "--output", f->target, NULL);
  program_write (&f->receiver, f->code);
  program_write (&f->receiver, "\n");
  program_write (&f->receiver, input);
}

static void
check_same (Fixture *f, const char *name, gboolean is_there)
{
  g_autofree char *sent = g_build_filename (f->source, name, NULL);
  g_autofree char *received = g_build_filename (f->target, "things", name, NULL);
  g_autofree char *a = NULL, *b = NULL;
  gsize a_bytes, b_bytes = 0;

  g_assert_true (g_file_get_contents (sent, &a, &a_bytes, NULL));
  g_assert_cmpint (g_file_get_contents (received, &b, &b_bytes, NULL), ==, is_there);
  if (is_there)
    g_assert_cmpmem (a, a_bytes, b, b_bytes);
}

static void
test_all (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) offer = NULL;

  start_sender (f);
  start_receiver (f, "{\"accept\":true}\n");
  offer = program_read (&f->receiver, "offer");
  g_assert_cmpint (json_object_get_int_member (offer, "total"), ==, BIG_BYTES + 3);
  program_check_end (&f->receiver, 0);
  program_check_end (&f->sender, 0);
  check_same (f, "big", TRUE);
  check_same (f, "sub/.hidden", TRUE);

  g_subprocess_send_signal (f->server.process, SIGTERM);
  program_check_end (&f->server, 0);
}

/* What everybody on this machine may read of a process, and what its own user may. */
static void
check_hides (Program *program, const char *what, const char *code)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/%s",
                                           g_subprocess_get_identifier (program->process), what);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;

  g_file_get_contents (path, &text, &n_bytes, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_bytes, >, 0);
  g_assert_null (memmem (text, n_bytes, code, strlen (code)));
}

/* Made here or read from standard input, the code does its work and stands
 * neither in the process list nor in the environment. */
static void
test_code_is_hidden (Fixture *f, gconstpointer data)
{
  static const char *const places[] = { "cmdline", "environ", "comm" };
  g_autoptr (JsonObject) offer = NULL;

  start_sender (f);
  start_receiver (f, "");
  offer = program_read (&f->receiver, "offer");
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      check_hides (&f->sender, places[i], f->code);
      check_hides (&f->receiver, places[i], f->code);
    }
  program_write (&f->receiver, "{\"accept\":true}\n");
  program_check_end (&f->receiver, 0);
  program_check_end (&f->sender, 0);
}

/* Where receipts are noted others can write: that is not used, and the person told so. */
static void
test_not_noted (Fixture *f, gconstpointer data)
{
  g_autofree char *receipts = g_build_filename (f->folder, "penstock", "receipts", NULL);
  g_autoptr (JsonObject) warning = NULL;

  g_assert_cmpint (g_mkdir_with_parents (receipts, 0700), ==, 0);
  g_assert_cmpint (g_chmod (receipts, 0777), ==, 0);
  start_sender (f);
  g_setenv ("XDG_STATE_HOME", f->folder, TRUE);
  start_receiver (f, "{\"accept\":true}\n");
  g_unsetenv ("XDG_STATE_HOME");
  warning = program_read (&f->receiver, "warning");
  g_assert_cmpstr (json_object_get_string_member (warning, "warning"), ==, "journal-failed");
  g_assert_nonnull (strstr (json_object_get_string_member (warning, "message"), receipts));
  program_check_end (&f->receiver, 0);
  program_check_end (&f->sender, 0);
  check_same (f, "big", TRUE);
}

static guint
find_entry (JsonObject *offer, const char *path)
{
  JsonArray *entries = json_object_get_array_member (offer, "entries");

  for (guint i = 0; i < json_array_get_length (entries); i++)
    if (g_str_equal (
            json_object_get_string_member (json_array_get_object_element (entries, i), "path"),
            path))
      return i;

  g_assert_not_reached ();
}

static void
test_some (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) offer = NULL;
  g_autofree char *answer = NULL;

  start_sender (f);
  start_receiver (f, "");
  offer = program_read (&f->receiver, "offer");
  answer = g_strdup_printf ("{\"accept\":[%u]}\n", find_entry (offer, "things/sub"));
  program_write (&f->receiver, answer);
  program_check_end (&f->receiver, 0);
  program_check_end (&f->sender, 0);
  check_same (f, "big", FALSE);
  check_same (f, "sub/.hidden", TRUE);
}

static void
test_declined (Fixture *f, gconstpointer data)
{
  start_sender (f);
  start_receiver (f, "{\"accept\":false}\n");
  program_check_end (&f->receiver, 3);
  program_check_end (&f->sender, 3);
  check_same (f, "big", FALSE);
}

static void
test_wrong_code (Fixture *f, gconstpointer data)
{
  char *last_word;

  start_sender (f);
  last_word = strrchr (f->code, '-');
  memcpy (last_word, "-x", 3);
  start_receiver (f, "{\"accept\":true}\n");
  program_check_end (&f->receiver, 4);
  program_check_end (&f->sender, 4);
}

static void
start_verified (Fixture *f)
{
  g_autoptr (JsonObject) line = NULL;

  program_start (&f->sender, "send", "--verify", "--server", f->url, f->source, NULL);
  line = program_read (&f->sender, "code");
  f->code = g_strdup (json_object_get_string_member (line, "code"));
  program_start (&f->receiver, "receive", "--verify", "--yes", "--server", f->url, "--output",
                 f->target, f->code, NULL);
}

static void
check_same_words (Fixture *f)
{
  g_autoptr (JsonObject) ours = program_read (&f->sender, "words");
  g_autoptr (JsonObject) theirs = program_read (&f->receiver, "words");

  g_assert_cmpstr (json_object_get_string_member (ours, "phrase"), ==,
                   json_object_get_string_member (theirs, "phrase"));
}

static void
test_verified (Fixture *f, gconstpointer data)
{
  start_verified (f);
  check_same_words (f);
  program_write (&f->receiver, "{\"accept\":true}\n");
  program_write (&f->sender, "{\"accept\":true}\n");
  program_check_end (&f->receiver, 0);
  program_check_end (&f->sender, 0);
  check_same (f, "big", TRUE);
}

/* @data: whose person says no, before the other one has answered. */
static void
test_unverified (Fixture *f, gconstpointer data)
{
  Program *doubter = g_str_equal (data, "sender") ? &f->sender : &f->receiver;

  start_verified (f);
  check_same_words (f);
  program_write (doubter, "{\"accept\":false}\n");
  program_check_end (&f->sender, 4);
  program_check_end (&f->receiver, 4);
  check_same (f, "big", FALSE);
}

/* The sender does not ask: its offer is there before the receiver's answer. */
static void
test_unverified_offer (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) offered = NULL;

  start_sender (f);
  program_start (&f->receiver, "receive", "--verify", "--yes", "--server", f->url, "--output",
                 f->target, f->code, NULL);
  do
    {
      g_clear_pointer (&offered, json_object_unref);
      offered = program_read (&f->sender, "progress");
    }
  while (!g_str_equal (json_object_get_string_member (offered, "state"), "offered"));
  program_write (&f->receiver, "{\"accept\":false}\n");
  program_check_end (&f->sender, 4);
  program_check_end (&f->receiver, 4);
  check_same (f, "big", FALSE);
}

static void
read_until_written (Program *program)
{
  gint64 written = 0;

  while (written == 0)
    {
      g_autoptr (JsonObject) line = program_read (program, "progress");

      written = json_object_get_int_member (line, "written");
    }
}

/* @data: which side presses Ctrl+C. */
static void
test_interrupted (Fixture *f, gconstpointer data)
{
  Program *leaver = g_str_equal (data, "sender") ? &f->sender : &f->receiver;

  start_sender_with_limit (f, SLOW_LIMIT);
  start_receiver (f, "{\"accept\":true}\n");
  read_until_written (leaver);
  g_subprocess_send_signal (leaver->process, SIGINT);
  program_check_end (&f->sender, 5);
  program_check_end (&f->receiver, 5);
  check_same (f, "big", FALSE);
}

/* Whoever reads our lines may go away; the files go on. */
static void
test_reader_leaves (Fixture *f, gconstpointer data)
{
  start_sender (f);
  g_assert_true (g_input_stream_close (G_INPUT_STREAM (f->sender.lines), NULL, NULL));
  start_receiver (f, "{\"accept\":true}\n");
  program_check_end (&f->receiver, 0);
  program_check_exit (&f->sender, 0);
  check_same (f, "big", TRUE);
}

/* Words that end at once, for good or bad. */
static const struct
{
  const char *words;
  int status;
  const char *out; /* a part of it; NULL: nothing is written there */
  const char *err;
} short_runs[] = {
  { "", 2, NULL, "Say what to do" },
  { "fetch", 2, NULL, "Try “penstock-cli --help”." },
  { "send", 2, NULL, "at least one file" },
  { "send --json", 2, "\"error\":\"usage\"", NULL },
  { "--version", 0, "penstock-cli ", NULL },
  { "--help", 0, "Usage:", NULL },
  { "receive --help", 0, "penstock-cli receive", NULL },
  { "send /nonexistent/file", 1, NULL, "no such file" },
  { "send --quiet /nonexistent/file", 1, NULL, "no such file" },
  { "send --json /nonexistent/file", 1, "\"error\":\"source\"", NULL },
  { "send --code nonsense /", 2, NULL, "" },
  { "receive --yes --output /nonexistent 7-a-b", 1, NULL, "no such folder" },
  { "receive 7-a-b", 2, NULL, "--yes" },
  { "serve --address 192.0.2.1 --port 0", 1, NULL, "cannot listen" },
};

static void
assert_has (const char *text, const char *part)
{
  g_test_message ("%s", text);
  if (part == NULL)
    g_assert_cmpstr (text, ==, "");
  else
    g_assert_nonnull (strstr (text, part));
}

static void
test_short_runs (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (short_runs); i++)
    {
      g_autofree char *line = g_strconcat (g_getenv ("PST_TEST_CLI"), " ", short_runs[i].words,
                                           NULL);
      g_autofree char *out = NULL, *err = NULL;
      g_autoptr (GError) error = NULL;
      int status = 0;

      g_test_message ("%s", line);
      g_spawn_command_line_sync (line, &out, &err, &status, &error);
      g_assert_no_error (error);
      g_assert_true (WIFEXITED (status));
      g_assert_cmpint (WEXITSTATUS (status), ==, short_runs[i].status);
      assert_has (out, short_runs[i].out);
      assert_has (err, short_runs[i].err);
    }
}

/* Without JSON: for people, through pipes. The code is found in what is written. */
static void
test_plain (Fixture *f, gconstpointer data)
{
  gboolean quiet = data != NULL;
  const char *cli = g_getenv ("PST_TEST_CLI");
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) sender = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, cli,
                                                     "send", "--server", f->url, f->source,
                                                     quiet ? "--quiet" : NULL, NULL);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (
      g_subprocess_get_stdout_pipe (sender));
  g_autoptr (GSubprocess) receiver = NULL;
  g_autofree char *said = NULL;

  g_assert_no_error (error);
  while (f->code == NULL)
    {
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (line);
      if (quiet || g_str_has_prefix (line, "Code: "))
        f->code = g_strdup (quiet ? line : line + strlen ("Code: "));
    }
  receiver = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, cli, "receive", "--yes",
                               "--server", f->url, "--output", f->target, f->code,
                               quiet ? "--quiet" : NULL, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (receiver, NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (receiver), ==, 0);
  g_subprocess_wait (sender, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_subprocess_get_exit_status (sender), ==, 0);
  assert_has (said, quiet ? NULL : "Received 2 files");
  if (!quiet)
    g_assert_nonnull (strstr (said, ".hidden  (hidden)"));
  check_same (f, "big", TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/e2e/short-runs", test_short_runs);
#define ADD(path, data, test) g_test_add ("/cli/e2e/" path, Fixture, data, set_up, test, tear_down)
  ADD ("all", NULL, test_all);
  g_test_add ("/threats/06-code-not-in-process-list/program", Fixture, NULL, set_up,
              test_code_is_hidden, tear_down);
  ADD ("not-noted", NULL, test_not_noted);
  ADD ("some", NULL, test_some);
  ADD ("plain", NULL, test_plain);
  ADD ("quiet", "quiet", test_plain);
  ADD ("declined", NULL, test_declined);
  ADD ("wrong-code", NULL, test_wrong_code);
  ADD ("verified", NULL, test_verified);
  ADD ("unverified-by-sender", "sender", test_unverified);
  ADD ("unverified-by-receiver", "receiver", test_unverified);
  ADD ("unverified-offer", NULL, test_unverified_offer);
  ADD ("interrupted-by-sender", "sender", test_interrupted);
  ADD ("interrupted-by-receiver", "receiver", test_interrupted);
  ADD ("reader-leaves", NULL, test_reader_leaves);
  return g_test_run ();
}

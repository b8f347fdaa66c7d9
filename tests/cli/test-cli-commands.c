/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-commands.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fake-engine.h"
#include "pst-error.h"

/* Much longer than any of the commands' own time-outs. */
#define TEST_TIMEOUT_S 60

typedef struct
{
  FILE *file;
  char *text; /* the JSON lines */
  gsize size;
  PstCliOutput *output;
  GInputStream *input;
  char *folder;
  char *path; /* a file in it */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  alarm (TEST_TIMEOUT_S);
  fake_engine_reset ();
  f->file = open_memstream (&f->text, &f->size);
  f->output = pst_cli_json_new (f->file);
  f->input = g_memory_input_stream_new ();
  /* A process that ends on the spot has the folder of the one that waits for it. */
  f->folder = g_test_subprocess () ? g_strdup (g_getenv ("PST_TEST_FOLDER"))
                                   : g_dir_make_tmp ("pst-cli-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "file", NULL);
  g_assert_true (g_file_set_contents (f->path, "x", 1, NULL));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  /* What is still on its way belongs to nobody any more. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (f->output);
  g_object_unref (f->input);
  fclose (f->file);
  free (f->text);
  g_remove (f->path);
  g_rmdir (f->folder);
  g_free (f->path);
  g_free (f->folder);
  fake_engine_reset ();
  alarm (0);
}

static PstCliOptions *
parse (const char *first, ...)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  PstCliOptions *options;
  const char *word;
  va_list list;

  g_ptr_array_add (words, (gpointer) "penstock-cli");
  va_start (list, first);
  for (word = first; word != NULL; word = va_arg (list, const char *))
    g_ptr_array_add (words, (gpointer) word);
  va_end (list);
  g_ptr_array_add (words, NULL);

  options = pst_cli_options_parse ((const char *const *) words->pdata, &error);
  g_assert_no_error (error);
  return options;
}

static int
send (Fixture *f)
{
  g_autoptr (PstCliOptions) options = parse ("send", "--json", f->path, NULL);

  return pst_cli_send (options, f->output, f->input, FALSE);
}

/* @answers: what stands on standard input. */
static int
receive_with (Fixture *f, PstCliOptions *options, gboolean is_interactive, const char *answers)
{
  g_autoptr (PstCliOptions) owned = options;

  g_memory_input_stream_add_data (G_MEMORY_INPUT_STREAM (f->input), answers, -1, NULL);
  return pst_cli_receive (options, f->output, f->input, is_interactive);
}

static int
receive_yes (Fixture *f)
{
  return receive_with (f, parse ("receive", "--yes", "-o", f->folder, "7-a-b", NULL), FALSE, "");
}

static int
receive_json (Fixture *f, const char *answers)
{
  return receive_with (f, parse ("receive", "--json", "-o", f->folder, "7-a-b", NULL), FALSE,
                       answers);
}

static guint
count (Fixture *f, const char *part)
{
  g_auto (GStrv) pieces = g_strsplit (f->text, part, -1);

  return g_strv_length (pieces) - 1;
}

/* Every run ends with one `closed` line that has the exit status. */
static void
check_end (Fixture *f, int status, int expected, const char *error_name)
{
  g_autofree char *end = g_strdup_printf ("{\"type\":\"closed\",\"exit\":%d}\n", expected);
  g_autofree char *error = g_strdup_printf ("{\"type\":\"error\",\"error\":\"%s\"",
                                            error_name != NULL ? error_name : "");

  g_test_message ("%s", f->text);
  g_assert_cmpint (status, ==, expected);
  g_assert_true (g_str_has_suffix (f->text, end));
  g_assert_cmpuint (count (f, "\"type\":\"closed\""), ==, 1);
  g_assert_cmpuint (count (f, "\"type\":\"error\""), ==, error_name != NULL ? 1 : 0);
  g_assert_true (error_name == NULL || strstr (f->text, error) != NULL);
}

static void
test_send_done (Fixture *f, gconstpointer data)
{
  check_end (f, send (f), 0, NULL);
  g_assert_cmpuint (count (f, "\"type\":\"code\",\"code\":\"7-a-b\""), ==, 1);
  g_assert_cmpuint (count (f, "\"type\":\"connected\""), ==, 1);
  g_assert_cmpuint (count (f, "\"type\":\"done\""), ==, 1);
  g_assert_cmpstr (fake_record.sent_first, ==, f->path);
  g_assert_null (fake_record.hosted_code);
  g_assert_true (fake_record.closed);
}

/* The other side has to hear how it ended, so the end waits for the new link. */
static void
test_send_reconnects (Fixture *f, gconstpointer data)
{
  fake_plan.loses_link = TRUE;
  check_end (f, send (f), 0, NULL);
  g_assert_cmpuint (count (f, "\"for\":\"reconnect\""), ==, 1);
  g_assert_cmpuint (count (f, "\"type\":\"connected\""), ==, 2);
  g_assert_true (fake_record.closed);
}

static void
test_send_with_code (Fixture *f, gconstpointer data)
{
  g_autoptr (PstCliOptions) options = parse ("send", "--code", "9-c-d", f->path, NULL);

  check_end (f, pst_cli_send (options, f->output, f->input, FALSE), 0, NULL);
  g_assert_cmpstr (fake_record.hosted_code, ==, "9-c-d");
}

static void
test_send_bad_code (Fixture *f, gconstpointer data)
{
  g_autoptr (PstCliOptions) options = parse ("send", "--code", "nonsense", f->path, NULL);

  check_end (f, pst_cli_send (options, f->output, f->input, FALSE), 2, "bad-code");
}

static void
check_source (Fixture *f, const char *path)
{
  g_autoptr (PstCliOptions) options = parse ("send", f->path, path, NULL);

  check_end (f, pst_cli_send (options, f->output, f->input, FALSE), 1, "source");
  g_assert_cmpuint (count (f, "\"type\":\"code\""), ==, 0);
}

static void
test_send_missing (Fixture *f, gconstpointer data)
{
  check_source (f, "/nonexistent/\033[2J");
  g_assert_nonnull (strstr (f->text, "no such file"));
}

static void
test_send_device (Fixture *f, gconstpointer data)
{
  check_source (f, "/dev/null");
}

static void
test_send_unreadable (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "secret", NULL);

  if (geteuid () == 0)
    {
      g_test_skip ("root may read everything");
      return;
    }
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  g_assert_cmpint (g_chmod (path, 0), ==, 0);
  check_source (f, path);
  g_remove (path);
}

static void
test_send_ends (Fixture *f, gconstpointer data)
{
  static const struct
  {
    PstTransferState end;
    int code;
    int status;
    const char *name;
  } ends[] = {
    { PST_TRANSFER_DECLINED, -1, 3, "declined" },
    { PST_TRANSFER_CANCELLED_BY_THEM, -1, 5, "cancelled" },
    { PST_TRANSFER_FAILED, -1, 1, "failed" },
    { PST_TRANSFER_FAILED, PST_ERROR_LOST, 1, "lost" },
    { PST_TRANSFER_FAILED, PST_ERROR_NO_PATH, 6, "no-path" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr (GError) error = ends[i].code >= 0 ? g_error_new (PST_ERROR, ends[i].code, "x")
                                                   : NULL;
      Fixture own;

      set_up (&own, NULL);
      fake_plan.end = ends[i].end;
      fake_plan.transfer_error = error;
      check_end (&own, send (&own), ends[i].status, ends[i].name);
      tear_down (&own, NULL);
    }
}

static void
test_closed_early (Fixture *f, gconstpointer data)
{
  static const struct
  {
    PstError code;
    int status;
  } ends[] = {
    { PST_ERROR_WRONG_CODE, 4 }, { PST_ERROR_NOT_FOUND, 6 }, { PST_ERROR_NO_PATH, 6 },
    { PST_ERROR_SERVER, 1 },     { PST_ERROR_CANCELLED, 5 }, { PST_ERROR_TAMPERED, 1 },
    { PST_ERROR_UNVERIFIED, 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    for (int receives = 0; receives <= 1; receives++)
      {
        g_autoptr (GError) error = g_error_new (PST_ERROR, ends[i].code, "x");
        Fixture own;

        set_up (&own, NULL);
        fake_plan.closes_with = error;
        check_end (&own, receives ? receive_yes (&own) : send (&own), ends[i].status,
                   pst_error_to_name (error));
        tear_down (&own, NULL);
      }
}

static void
test_nothing_was_sent (Fixture *f, gconstpointer data)
{
  fake_plan.closes_after_connect = TRUE;
  check_end (f, receive_yes (f), 1, "lost");
}

static void
test_send_declines_offers (Fixture *f, gconstpointer data)
{
  fake_plan.offers_back = TRUE;
  check_end (f, send (f), 0, NULL);
  g_assert_cmpuint (fake_record.n_declined, ==, 1);
  g_assert_cmpuint (count (f, "\"type\":\"note\""), ==, 1);
}

/* @answers: what stands on standard input. */
static int
send_verified (Fixture *f, const char *answers)
{
  g_autoptr (PstCliOptions) options = parse ("send", "--json", "--verify", f->path, NULL);

  g_memory_input_stream_add_data (G_MEMORY_INPUT_STREAM (f->input), answers, -1, NULL);
  return pst_cli_send (options, f->output, f->input, FALSE);
}

static int
receive_verified (Fixture *f, const char *answers)
{
  return receive_with (f, parse ("receive", "--json", "--verify", "-o", f->folder, "7-a-b", NULL),
                       FALSE, answers);
}

/* Whether the words come before the engine or after the connection. */
static void
test_verify_send (Fixture *f, gconstpointer data)
{
  for (int is_late = 0; is_late <= 1; is_late++)
    {
      Fixture own;

      set_up (&own, NULL);
      fake_plan.late_verifier = is_late;
      fake_plan.offers_back = TRUE;
      check_end (&own, send_verified (&own, "what?\n{\"accept\":true}\n"), 0, NULL);
      g_assert_cmpuint (count (&own, "{\"type\":\"words\",\"phrase\":\"a b c d e f\"}\n"), ==, 1);
      g_assert_cmpuint (count (&own, "\"for\":\"words\""), ==, 2);
      g_assert_cmpuint (fake_record.n_declined, ==, 1);
      g_assert_cmpstr (fake_record.sent_first, ==, own.path);
      tear_down (&own, NULL);
    }
}

static void
test_verify_receive (Fixture *f, gconstpointer data)
{
  check_end (f, receive_verified (f, "{\"accept\":true}\n{\"accept\":true}\n"), 0, NULL);
  g_assert_cmpuint (count (f, "\"for\":\"words\""), ==, 1);
  g_assert_cmpuint (count (f, "\"for\":\"answer\""), ==, 1);
  g_assert_nonnull (fake_record.destination);
  g_assert_false (fake_record.rejected);
}

/* With --yes, too, nothing is accepted before. */
static void
test_verify_receive_yes (Fixture *f, gconstpointer data)
{
  int status = receive_with (
      f, parse ("receive", "--json", "--verify", "--yes", "-o", f->folder, "7-a-b", NULL), FALSE,
      "{\"accept\":false}\n");

  check_end (f, status, 4, "unverified");
  g_assert_null (fake_record.destination);
  g_assert_true (fake_record.rejected);
}

/* A clear no, and an end without any answer. */
static void
test_verify_refused (Fixture *f, gconstpointer data)
{
  const char *const answers[] = { "{\"accept\":false}\n", "{\"accept\":[0]}\n", "" };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    for (int receives = 0; receives <= 1; receives++)
      {
        Fixture own;

        set_up (&own, NULL);
        check_end (
            &own, receives ? receive_verified (&own, answers[i]) : send_verified (&own, answers[i]),
            4, "unverified");
        g_assert_true (fake_record.rejected);
        g_assert_null (fake_record.sent_first);
        g_assert_null (fake_record.destination);
        g_assert_cmpuint (count (&own, "\"type\":\"offer\""), ==, 0);
        tear_down (&own, NULL);
      }
}

static void
test_verify_needs_somebody (Fixture *f, gconstpointer data)
{
  g_autoptr (PstCliOptions) options = parse ("send", "--verify", f->path, NULL);

  check_end (f, pst_cli_send (options, f->output, f->input, FALSE), 2, "usage");
  g_assert_nonnull (strstr (f->text, "--verify"));
  g_assert_cmpuint (count (f, "\"type\":\"code\""), ==, 0);
}

static void
test_receive_yes (Fixture *f, gconstpointer data)
{
  check_end (f, receive_yes (f), 0, NULL);
  g_assert_cmpuint (count (f, "\"type\":\"offer\""), ==, 1);
  g_assert_cmpuint (count (f, "d/.one"), ==, 2);
  g_assert_cmpstr (fake_record.joined, ==, "7-a-b");
  g_assert_cmpstr (fake_record.destination, ==, f->folder);
  g_assert_null (fake_record.selection);
}

/* It goes on without a journal, but the person knows: once, although it lasts. */
static void
test_receive_journal_full (Fixture *f, gconstpointer data)
{
  fake_plan.trouble = PST_JOURNAL_TROUBLE_FULL;
  check_end (f, receive_yes (f), 0, NULL);
  g_assert_cmpuint (count (f, "\"type\":\"progress\""), >, 1);
  g_assert_cmpuint (count (f, "\"type\":\"warning\""), ==, 1);
  g_assert_cmpuint (count (f, "\"warning\":\"journal-full\",\"message\":\"There is no room in "
                              "\\u201c/no/such/folder\\u201d to note what has arrived."),
                    ==, 1);
}

static void
test_receive_journal_failed (Fixture *f, gconstpointer data)
{
  fake_plan.trouble = PST_JOURNAL_TROUBLE_FAILED;
  fake_plan.end = PST_TRANSFER_FAILED;
  check_end (f, receive_yes (f), 1, "failed");
  g_assert_cmpuint (count (f, "\"warning\":\"journal-failed\""), ==, 1);
}

static void
test_receive_asks (Fixture *f, gconstpointer data)
{
  check_end (f, receive_json (f, "nonsense\n{\"accept\":true}\n"), 0, NULL);
  g_assert_cmpuint (count (f, "\"for\":\"answer\""), ==, 2);
  g_assert_nonnull (fake_record.destination);
}

static void
test_receive_some (Fixture *f, gconstpointer data)
{
  check_end (f, receive_json (f, "{\"accept\":[1]}\n"), 0, NULL);
  g_assert_cmpstr (fake_record.selection, ==, "110");
}

static void
test_receive_declines (Fixture *f, gconstpointer data)
{
  check_end (f, receive_json (f, "{\"accept\":false}\n"), 3, "declined");
  g_assert_null (fake_record.destination);
  g_assert_cmpuint (fake_record.n_declined, ==, 1);
}

/* Taken back while the question stands there: the answer is to nothing. */
static void
test_receive_withdrawn (Fixture *f, gconstpointer data)
{
  fake_plan.withdraws = TRUE;
  check_end (f, receive_json (f, "{\"accept\":true}\n"), 5, "cancelled");
  g_assert_null (fake_record.destination);
  g_assert_cmpuint (fake_record.n_declined, ==, 0);
}

/* Who goes away without an answer has not accepted. */
static void
test_receive_end_of_input (Fixture *f, gconstpointer data)
{
  check_end (f, receive_json (f, ""), 3, "declined");
  g_assert_null (fake_record.destination);
}

static void
test_receive_accept_fails (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = g_error_new (PST_ERROR, PST_ERROR_DISK_FULL, "x");

  fake_plan.accept_error = error;
  check_end (f, receive_yes (f), 1, "disk-full");
  g_assert_cmpuint (fake_record.n_declined, ==, 1);
}

static void
test_receive_code_from_input (Fixture *f, gconstpointer data)
{
  int status = receive_with (f, parse ("receive", "--yes", "-o", f->folder, NULL), FALSE,
                             "8-x-y\n");

  check_end (f, status, 0, NULL);
  g_assert_cmpuint (count (f, "\"for\":\"code\""), ==, 1);
  g_assert_cmpstr (fake_record.joined, ==, "8-x-y");
}

static void
test_receive_asks_for_code_again (Fixture *f, gconstpointer data)
{
  int status = receive_with (f, parse ("receive", "-o", f->folder, NULL), TRUE,
                             "nonsense\n8-x-y\ny\n");

  check_end (f, status, 0, NULL);
  g_assert_cmpuint (count (f, "\"for\":\"code\""), ==, 2);
  g_assert_cmpuint (count (f, "\"type\":\"note\""), ==, 1);
  g_assert_cmpstr (fake_record.joined, ==, "8-x-y");
}

static void
test_receive_bad_codes (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *input;
    const char *name;
  } codes[] = { { "nonsense\n8-x-y\n", "bad-code" }, { "", "usage" } };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      Fixture own;

      set_up (&own, NULL);
      check_end (&own,
                 receive_with (&own, parse ("receive", "-y", "-o", own.folder, NULL), FALSE,
                               codes[i].input),
                 2, codes[i].name);
      g_assert_null (fake_record.joined);
      tear_down (&own, NULL);
    }

  check_end (f, receive_with (f, parse ("receive", "-y", "nonsense", NULL), FALSE, ""), 2,
             "bad-code");
}

static void
test_receive_needs_yes (Fixture *f, gconstpointer data)
{
  check_end (f, receive_with (f, parse ("receive", "7-a-b", NULL), FALSE, "y\n"), 2, "usage");
  g_assert_nonnull (strstr (f->text, "--yes"));
  g_assert_null (fake_record.joined);
}

static void
test_receive_destinations (Fixture *f, gconstpointer data)
{
  const char *const bad[] = { "/nonexistent/folder", f->path, "/proc" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      Fixture own;

      if (i == 2 && geteuid () == 0)
        continue;
      set_up (&own, NULL);
      check_end (
          &own,
          receive_with (&own, parse ("receive", "-y", "-o", bad[i], "7-a-b", NULL), FALSE, ""), 1,
          "destination");
      g_assert_null (fake_record.joined);
      tear_down (&own, NULL);
    }
}

/* The other side finished and neither closes nor offers more. */
static void
test_receive_lingers (Fixture *f, gconstpointer data)
{
  fake_plan.stays = TRUE;
  check_end (f, receive_yes (f), 0, NULL);
  g_assert_true (fake_record.closed);
}

static void
test_interrupt (Fixture *f, gconstpointer data)
{
  fake_plan.nobody_comes = TRUE;
  fake_plan.interrupts = 1;
  check_end (f, send (f), 5, "cancelled");
  g_assert_true (fake_record.closed);
}

static void
test_interrupt_cancels_transfers (Fixture *f, gconstpointer data)
{
  fake_plan.interrupts = 1;
  fake_plan.end = PST_TRANSFER_VERIFYING; /* for ever */
  check_end (f, send (f), 5, "cancelled");
  g_assert_cmpuint (fake_record.n_cancelled, ==, 1);
}

static void
test_interrupt_is_bounded (Fixture *f, gconstpointer data)
{
  fake_plan.nobody_comes = TRUE;
  fake_plan.hangs = TRUE;
  fake_plan.interrupts = 1;
  check_end (f, send (f), 5, "cancelled");
}

static void
test_interrupt_twice (Fixture *f, gconstpointer data)
{
  if (g_test_subprocess ())
    {
      g_autoptr (PstCliOutput) output = pst_cli_json_new (stdout);
      g_autoptr (PstCliOptions) options = parse ("send", "--json", f->path, NULL);

      fake_plan.nobody_comes = TRUE;
      fake_plan.hangs = TRUE;
      fake_plan.interrupts = 2;
      pst_cli_send (options, output, f->input, FALSE);
      exit (0); /* not reached: the second signal ends the process on the spot */
    }

  g_setenv ("PST_TEST_FOLDER", f->folder, TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_assert_false (g_test_trap_has_passed ());
  g_test_trap_assert_stdout ("*\"closed\",\"exit\":5}*");
}

static int
send_with (Fixture *f, const char *option)
{
  g_autoptr (PstCliOptions) options = parse ("send", "--json", option, f->path, NULL);

  return pst_cli_send (options, f->output, f->input, FALSE);
}

static void
test_remember (Fixture *f, gconstpointer data)
{
  fake_plan.their_wish = PST_REMEMBER_THEIR_WISH;
  check_end (f, send_with (f, "--remember"), 0, NULL);
  g_assert_cmpstr (fake_record.remembered_as, ==, "Ann");
  g_assert_cmpuint (count (f, "{\"type\":\"remembered\",\"name\":\"Ann\"}"), ==, 1);
}

static void
test_remember_as (Fixture *f, gconstpointer data)
{
  fake_plan.their_wish = PST_REMEMBER_THEIR_WISH;
  check_end (f, send_with (f, "--remember-as=laptop"), 0, NULL);
  g_assert_cmpstr (fake_record.remembered_as, ==, "laptop");
}

/* Nothing is kept, said or agreed to that the person did not ask for. */
static void
test_remember_not_asked (Fixture *f, gconstpointer data)
{
  fake_plan.their_wish = PST_REMEMBER_THEIR_WISH;
  check_end (f, send (f), 0, NULL);
  g_assert_cmpuint (fake_record.n_wishes, ==, 0);
  g_assert_null (fake_record.remembered_as);
  g_assert_cmpuint (count (f, "--remember"), ==, 1);
}

static void
test_remember_alone (Fixture *f, gconstpointer data)
{
  check_end (f, send_with (f, "--remember"), 0, NULL);
  g_assert_null (fake_record.remembered_as);
  g_assert_cmpuint (count (f, "has not agreed"), ==, 1);
}

static void
test_remember_declined (Fixture *f, gconstpointer data)
{
  fake_plan.their_wish = PST_REMEMBER_DECLINED;
  check_end (f, send_with (f, "--remember"), 0, NULL);
  g_assert_null (fake_record.remembered_as);
  g_assert_cmpuint (count (f, "do not want"), >=, 1);
}

/* The files matter more. */
static void
test_remember_no_vault (Fixture *f, gconstpointer data)
{
  fake_plan.their_wish = PST_REMEMBER_THEIR_WISH;
  fake_plan.no_vault = TRUE;
  check_end (f, send_with (f, "--remember"), 0, NULL);
  g_assert_cmpuint (count (f, "The keyring is locked."), ==, 1);
}

static void
test_send_to (Fixture *f, gconstpointer data)
{
  check_end (f, send_with (f, "--to=ann"), 0, NULL);
  g_assert_true (fake_record.meets);
  g_assert_null (fake_record.hosted_code);
}

static void
test_send_to_nobody (Fixture *f, gconstpointer data)
{
  check_end (f, send_with (f, "--to=bert"), 2, "usage");
  g_assert_false (fake_record.meets);
}

/* The person is asked about a device as about anybody else … */
static void
test_receive_from (Fixture *f, gconstpointer data)
{
  PstCliOptions *options = parse ("receive", "--json", "-o", f->folder, "--from=ann", NULL);

  check_end (f, receive_with (f, options, FALSE, "{\"accept\":true}\n"), 0, NULL);
  g_assert_true (fake_record.meets);
  g_assert_null (fake_record.joined);
  g_assert_cmpuint (count (f, "\"for\":\"answer\""), ==, 1);
}

/* … unless they said that it may send without. */
static void
test_receive_from_trusted (Fixture *f, gconstpointer data)
{
  PstCliOptions *options = parse ("receive", "-o", f->folder, "--from=trusted", NULL);

  check_end (f, receive_with (f, options, FALSE, ""), 0, NULL);
  g_assert_nonnull (fake_record.destination);
}

static void
test_receive_from_untrusted (Fixture *f, gconstpointer data)
{
  PstCliOptions *options = parse ("receive", "-o", f->folder, "--from=ann", NULL);

  check_end (f, receive_with (f, options, FALSE, ""), 2, "usage");
  g_assert_null (fake_record.destination);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD_AT(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
#define ADD(path, test)    ADD_AT ("/cli/commands/" path, test)
  ADD ("send/done", test_send_done);
  ADD ("send/reconnects", test_send_reconnects);
  ADD ("send/with-code", test_send_with_code);
  ADD ("send/bad-code", test_send_bad_code);
  ADD ("send/missing", test_send_missing);
  ADD ("send/device", test_send_device);
  ADD ("send/unreadable", test_send_unreadable);
  ADD ("send/ends", test_send_ends);
  ADD ("send/declines-offers", test_send_declines_offers);
  ADD ("closed-early", test_closed_early);
  ADD ("receive/nothing-was-sent", test_nothing_was_sent);
  ADD ("verify/send", test_verify_send);
  ADD ("verify/receive", test_verify_receive);
  ADD ("verify/receive-yes", test_verify_receive_yes);
  ADD ("verify/refused", test_verify_refused);
  ADD ("verify/needs-somebody", test_verify_needs_somebody);
  ADD ("receive/yes", test_receive_yes);
  ADD ("receive/journal-full", test_receive_journal_full);
  ADD ("receive/journal-failed", test_receive_journal_failed);
  ADD ("receive/asks", test_receive_asks);
  ADD ("receive/some", test_receive_some);
  ADD ("receive/declines", test_receive_declines);
  ADD ("receive/withdrawn", test_receive_withdrawn);
  ADD ("receive/end-of-input", test_receive_end_of_input);
  ADD ("receive/accept-fails", test_receive_accept_fails);
  ADD_AT ("/threats/06-code-not-in-process-list/standard-input", test_receive_code_from_input);
  ADD_AT ("/threats/06-code-not-in-process-list/prompt", test_receive_asks_for_code_again);
  ADD ("receive/bad-codes", test_receive_bad_codes);
  ADD ("receive/needs-yes", test_receive_needs_yes);
  ADD ("receive/destinations", test_receive_destinations);
  ADD ("receive/lingers", test_receive_lingers);
  ADD ("interrupt/once", test_interrupt);
  ADD ("interrupt/cancels-transfers", test_interrupt_cancels_transfers);
  ADD ("interrupt/is-bounded", test_interrupt_is_bounded);
  ADD ("interrupt/twice", test_interrupt_twice);
  ADD ("remember/both", test_remember);
  ADD ("remember/as", test_remember_as);
  ADD ("remember/not-asked", test_remember_not_asked);
  ADD ("remember/alone", test_remember_alone);
  ADD ("remember/declined", test_remember_declined);
  ADD ("remember/no-vault", test_remember_no_vault);
  ADD ("device/send-to", test_send_to);
  ADD ("device/send-to-nobody", test_send_to_nobody);
  ADD ("device/receive-from", test_receive_from);
  ADD ("device/receive-from-trusted", test_receive_from_trusted);
  ADD ("device/receive-from-untrusted", test_receive_from_untrusted);
  return g_test_run ();
}

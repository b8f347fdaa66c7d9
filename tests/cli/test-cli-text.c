/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-text.h"

#include "pst-error.h"

static void
test_exit_statuses (void)
{
  static const int statuses[] = {
    [PST_ERROR_FAILED] = 1,   [PST_ERROR_USAGE] = 2,    [PST_ERROR_BAD_CODE] = 2,
    [PST_ERROR_WRONG_CODE] = 4, [PST_ERROR_NOT_FOUND] = 6, [PST_ERROR_NO_PATH] = 6,
    [PST_ERROR_SERVER] = 1,   [PST_ERROR_PROTOCOL] = 1, [PST_ERROR_TAMPERED] = 1,
    [PST_ERROR_LOST] = 1,     [PST_ERROR_DECLINED] = 3, [PST_ERROR_CANCELLED] = 5,
    [PST_ERROR_SOURCE] = 1,   [PST_ERROR_CHANGED] = 1,  [PST_ERROR_DESTINATION] = 1,
    [PST_ERROR_DISK_FULL] = 1, [PST_ERROR_LIMIT] = 1, [PST_ERROR_UNVERIFIED] = 4,
  };
  g_autoptr (GError) foreign = g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");

  G_STATIC_ASSERT (G_N_ELEMENTS (statuses) == PST_ERROR_LAST + 1);
  for (guint i = 0; i <= PST_ERROR_LAST; i++)
    {
      g_autoptr (GError) error = g_error_new (PST_ERROR, i, "x");

      g_assert_cmpint (pst_cli_text_exit_for (error), ==, statuses[i]);
    }
  g_assert_cmpint (pst_cli_text_exit_for (NULL), ==, 0);
  g_assert_cmpint (pst_cli_text_exit_for (foreign), ==, 1);
}

static void
test_sizes (void)
{
  static const struct
  {
    guint64 size_bytes;
    const char *text;
  } sizes[] = {
    { 0, "0 B" },
    { 999, "999 B" },
    { 1000, "1.0 kB" },
    { 1099, "1.0 kB" },
    { 999999, "999.9 kB" },
    { 1000000, "1.0 MB" },
    { 12345678901, "12.3 GB" },
    { G_MAXUINT64, "18.4 EB" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *text = pst_cli_text_size (sizes[i].size_bytes);
      g_autofree char *rate = pst_cli_text_rate (sizes[i].size_bytes);

      g_assert_cmpstr (text, ==, sizes[i].text);
      g_assert_true (g_str_has_prefix (rate, text) && g_str_has_suffix (rate, "/s"));
    }
}

static void
test_durations (void)
{
  static const struct
  {
    gint64 duration_us;
    const char *text;
  } durations[] = {
    { 0, "0 s" },
    { 1, "1 s" },
    { G_GINT64_CONSTANT (59) * G_USEC_PER_SEC, "59 s" },
    { G_GINT64_CONSTANT (59) * G_USEC_PER_SEC + 1, "1 min 00 s" },
    { G_GINT64_CONSTANT (185) * G_USEC_PER_SEC, "3 min 05 s" },
    { G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC, "1 h 00 min" },
    { G_GINT64_CONSTANT (86399) * G_USEC_PER_SEC, "23 h 59 min" },
    { G_GINT64_CONSTANT (360000) * G_USEC_PER_SEC, "4 d 4 h" },
    { G_MAXINT64, "106751991 d 4 h" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      g_autofree char *text = pst_cli_text_duration (durations[i].duration_us);

      g_assert_cmpstr (text, ==, durations[i].text);
    }
}

static void
test_columns (void)
{
  g_assert_cmpuint (pst_cli_text_columns (""), ==, 0);
  g_assert_cmpuint (pst_cli_text_columns ("abc"), ==, 3);
  g_assert_cmpuint (pst_cli_text_columns ("日本"), ==, 4);
  g_assert_cmpuint (pst_cli_text_columns ("e\u0301"), ==, 1);
}

static void
test_cut (void)
{
  static const struct
  {
    const char *text;
    guint columns;
    const char *cut;
  } cuts[] = {
    { "abc", 3, "abc" }, { "abcd", 3, "ab…" },     { "日本語", 5, "日本…" },
    { "日本語", 4, "日…" }, { "abcd", 1, "…" }, { "abcd", 0, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *cut = pst_cli_text_cut (cuts[i].text, cuts[i].columns);

      g_assert_cmpstr (cut, ==, cuts[i].cut);
      g_assert_cmpuint (pst_cli_text_columns (cut), <=, cuts[i].columns);
    }
}

static void
test_wrap (void)
{
  g_autoptr (GString) wrapped = g_string_new (NULL);
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GString) narrow = g_string_new (NULL);

  pst_cli_text_wrap (wrapped, "abcdefghijklmnop", 8, " | ");
  pst_cli_text_wrap (whole, "abcdefghijklmnop", 0, " | ");
  pst_cli_text_wrap (narrow, "日本語", 5, " | ");

  g_assert_cmpstr (wrapped->str, ==, "abcdefgh\n | ijklm\n | nop\n");
  g_assert_cmpstr (whole->str, ==, "abcdefghijklmnop\n");
  g_assert_cmpstr (narrow->str, ==, "日本語\n");
}

static void
test_inert (void)
{
  g_autofree char *text = pst_cli_text_inert ("It said \033[2J and “a\\u202eb”\n.");

  g_assert_cmpstr (text, ==, "It said \\u001b[2J and “a\\u202eb”\\n.");
}

static void
test_count (void)
{
  g_autofree char *one = pst_cli_text_count (1, "file", "files");
  g_autofree char *none = pst_cli_text_count (0, "file", "files");

  g_assert_cmpstr (one, ==, "1 file");
  g_assert_cmpstr (none, ==, "0 files");
}

/* Every state has words of its own, on both sides. */
static void
test_states (void)
{
  for (guint i = PST_TRANSFER_PREPARING; i <= PST_TRANSFER_FAILED; i++)
    for (guint j = i; j <= PST_TRANSFER_FAILED; j++)
      for (int incoming = 0; incoming <= 1; incoming++)
        {
          g_assert_nonnull (pst_cli_text_state (i, incoming));
          if (i != j)
            g_assert_cmpstr (pst_cli_text_state (i, incoming), !=,
                             pst_cli_text_state (j, incoming));
        }
}

static void
test_kinds_of_states (void)
{
  g_assert_true (pst_cli_text_is_flowing (PST_TRANSFER_RUNNING));
  g_assert_true (pst_cli_text_is_flowing (PST_TRANSFER_HELD_LIMIT));
  g_assert_false (pst_cli_text_is_flowing (PST_TRANSFER_OFFERED));
  g_assert_false (pst_cli_text_is_flowing (PST_TRANSFER_PAUSED_BY_ME));
  g_assert_false (pst_cli_text_is_held (PST_TRANSFER_RUNNING));
  g_assert_true (pst_cli_text_is_held (PST_TRANSFER_HELD_NETWORK));
  g_assert_true (pst_cli_text_is_held (PST_TRANSFER_RECONNECTING));
  g_assert_false (pst_cli_text_is_held (PST_TRANSFER_VERIFYING));
}

static void
check_outcome (PstTransferState state, const GError *error, int status)
{
  for (int incoming = 0; incoming <= 1; incoming++)
    {
      g_autoptr (GError) outcome = pst_cli_text_outcome (state, incoming, error);

      g_assert_cmpint (pst_cli_text_exit_for (outcome), ==, status);
    }
}

static void
test_outcomes (void)
{
  g_autoptr (GError) no_path = g_error_new (PST_ERROR, PST_ERROR_NO_PATH, "x");

  check_outcome (PST_TRANSFER_DONE, NULL, 0);
  check_outcome (PST_TRANSFER_RUNNING, NULL, 0);
  check_outcome (PST_TRANSFER_DECLINED, NULL, 3);
  check_outcome (PST_TRANSFER_CANCELLED_BY_ME, NULL, 5);
  check_outcome (PST_TRANSFER_CANCELLED_BY_THEM, NULL, 5);
  check_outcome (PST_TRANSFER_FAILED, NULL, 1);
  check_outcome (PST_TRANSFER_FAILED, no_path, 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/text/exit-statuses", test_exit_statuses);
  g_test_add_func ("/cli/text/sizes", test_sizes);
  g_test_add_func ("/cli/text/durations", test_durations);
  g_test_add_func ("/cli/text/columns", test_columns);
  g_test_add_func ("/cli/text/cut", test_cut);
  g_test_add_func ("/cli/text/wrap", test_wrap);
  g_test_add_func ("/cli/text/inert", test_inert);
  g_test_add_func ("/cli/text/count", test_count);
  g_test_add_func ("/cli/text/states", test_states);
  g_test_add_func ("/cli/text/kinds-of-states", test_kinds_of_states);
  g_test_add_func ("/cli/text/outcomes", test_outcomes);
  return g_test_run ();
}

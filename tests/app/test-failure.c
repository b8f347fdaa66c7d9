/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>
#include <string.h>

#include "pst-error.h"
#include "pst-failure.h"

#define N_ROLES (PST_FAILURE_RECEIVER + 1)

static PstFailure
describe (GQuark domain, int code, PstFailureRole role)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "The engine’s own words.");

  return pst_failure_describe (error, role);
}

static void
assert_complete (const PstFailure *failure)
{
  const char *label = pst_failure_step_label (failure->step);
  const char *text[] = { failure->title, failure->sentence, failure->advice };

  for (guint i = 0; i < G_N_ELEMENTS (text); i++)
    {
      g_assert_nonnull (text[i]);
      g_assert_cmpuint (strlen (text[i]), >, 4);
      g_assert_null (strstr (text[i], "The engine"));
    }

  g_assert_false (g_str_has_suffix (failure->title, "."));
  g_assert_true (g_str_has_suffix (failure->sentence, "."));
  g_assert_true (g_str_has_suffix (failure->advice, "."));
  g_assert_cmpstr (failure->sentence, !=, failure->advice);
  g_assert_true ((label == NULL) == (failure->step == PST_FAILURE_STEP_NONE));
}

/* For each person no two codes read the same. */
static void
test_codes (void)
{
  for (PstFailureRole role = 0; role < N_ROLES; role++)
    {
      g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr (GHashTable) sentences = g_hash_table_new (g_str_hash, g_str_equal);

      for (int code = 0; code <= PST_ERROR_LAST; code++)
        {
          PstFailure failure = describe (PST_ERROR, code, role);

          assert_complete (&failure);
          g_assert_true (g_hash_table_add (titles, (char *)failure.title));
          g_assert_true (g_hash_table_add (sentences, (char *)failure.sentence));
        }
    }
}

/* The failures that a person can meet, each with where its button leads. */
static const struct
{
  int code;
  PstFailureRole role;
  const char *title;
  PstFailureStep step;
} cases[] = {
  { PST_ERROR_WRONG_CODE, PST_FAILURE_HOST, "Wrong Code", PST_FAILURE_STEP_NEW_CODE },
  { PST_ERROR_WRONG_CODE, PST_FAILURE_GUEST, "Wrong Code", PST_FAILURE_STEP_ENTER_CODE },
  { PST_ERROR_BAD_CODE, PST_FAILURE_GUEST, "Not a Code", PST_FAILURE_STEP_ENTER_CODE },
  { PST_ERROR_NOT_FOUND, PST_FAILURE_GUEST, "Nobody Found", PST_FAILURE_STEP_ENTER_CODE },
  { PST_ERROR_NO_PATH, PST_FAILURE_HOST, "No Way Through", PST_FAILURE_STEP_PREFERENCES },
  { PST_ERROR_SERVER, PST_FAILURE_HOST, "Server Not Reachable", PST_FAILURE_STEP_RETRY },
  { PST_ERROR_LOST, PST_FAILURE_HOST, "Connection Lost", PST_FAILURE_STEP_NEW_CODE },
  { PST_ERROR_LOST, PST_FAILURE_SENDER, "Connection Lost", PST_FAILURE_STEP_RETRY },
  { PST_ERROR_DECLINED, PST_FAILURE_SENDER, "Declined", PST_FAILURE_STEP_RETRY },
  { PST_ERROR_CANCELLED, PST_FAILURE_SENDER, "Cancelled", PST_FAILURE_STEP_RETRY },
  { PST_ERROR_DISK_FULL, PST_FAILURE_RECEIVER, "Disk Full", PST_FAILURE_STEP_CHOOSE_FOLDER },
  { PST_ERROR_DISK_FULL, PST_FAILURE_SENDER, "Their Disk Is Full", PST_FAILURE_STEP_RETRY },
  { PST_ERROR_CHANGED, PST_FAILURE_SENDER, "File Changed", PST_FAILURE_STEP_RETRY },
  { PST_ERROR_SOURCE, PST_FAILURE_SENDER, "File Not Readable", PST_FAILURE_STEP_CHOOSE_FILES },
  { PST_ERROR_DESTINATION, PST_FAILURE_RECEIVER, "Folder Not Writable",
    PST_FAILURE_STEP_CHOOSE_FOLDER },
  { PST_ERROR_TAMPERED, PST_FAILURE_GUEST, "Connection Not Safe", PST_FAILURE_STEP_NEW_CODE },
  { PST_ERROR_PROTOCOL, PST_FAILURE_GUEST, "Not Understood", PST_FAILURE_STEP_RETRY },
  { PST_ERROR_UNVERIFIED, PST_FAILURE_GUEST, "Words Differ", PST_FAILURE_STEP_NEW_CODE },
  { PST_ERROR_LIMIT, PST_FAILURE_SENDER, "Too Much at Once", PST_FAILURE_STEP_CHOOSE_FILES },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PstFailure failure = describe (PST_ERROR, cases[i].code, cases[i].role);

      g_assert_cmpstr (failure.title, ==, cases[i].title);
      g_assert_cmpint (failure.step, ==, cases[i].step);
    }
}

static void
test_camera_and_sandbox (void)
{
  PstFailure missing = describe (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, PST_FAILURE_GUEST);
  PstFailure denied = describe (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, PST_FAILURE_GUEST);
  PstFailure hidden = describe (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, PST_FAILURE_SENDER);

  g_assert_cmpstr (missing.title, ==, "No Camera Found");
  g_assert_cmpstr (denied.title, ==, "Camera Not Allowed");
  g_assert_cmpint (missing.step, ==, PST_FAILURE_STEP_SCAN_IMAGE);
  g_assert_cmpint (denied.step, ==, PST_FAILURE_STEP_SCAN_IMAGE);
  g_assert_cmpstr (hidden.title, ==, "Folder Hidden");
  g_assert_nonnull (strstr (hidden.advice, "Choose Folder"));
}

/* An error nobody thought of is a failure, in everybody's words. */
static void
test_strangers (void)
{
  for (PstFailureRole role = 0; role < N_ROLES; role++)
    {
      const int io_codes[] = { G_IO_ERROR_NOT_FOUND, G_IO_ERROR_PERMISSION_DENIED,
                               G_IO_ERROR_NOT_SUPPORTED, G_IO_ERROR_FAILED };
      PstFailure plain = describe (PST_ERROR, PST_ERROR_FAILED, role);
      PstFailure other = describe (G_FILE_ERROR, G_FILE_ERROR_IO, role);
      PstFailure later = describe (PST_ERROR, PST_ERROR_LAST + 1, role);

      g_assert_cmpstr (other.title, ==, plain.title);
      g_assert_cmpstr (later.title, ==, plain.title);
      for (guint i = 0; i < G_N_ELEMENTS (io_codes); i++)
        {
          PstFailure failure = describe (G_IO_ERROR, io_codes[i], role);

          assert_complete (&failure);
        }
    }
}

static void
test_details (void)
{
  g_autoptr (GError) error = g_error_new_literal (PST_ERROR, PST_ERROR_NO_PATH,
                                                  "bad\nline, good\\u202ename");
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_autofree char *details = pst_failure_details (error);
  g_autofree char *others = pst_failure_details (foreign);

  g_assert_cmpstr (details, ==,
                   "Penstock " PST_VERSION
                   "\npst-error-quark: no-path\nbad\\nline, good\\u202ename");
  g_assert_nonnull (strstr (others, "g-io-error-quark: 26\nbusy"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failure/codes", test_codes);
  g_test_add_func ("/failure/cases", test_cases);
  g_test_add_func ("/failure/camera-and-sandbox", test_camera_and_sandbox);
  g_test_add_func ("/failure/strangers", test_strangers);
  g_test_add_func ("/failure/details", test_details);

  return g_test_run ();
}

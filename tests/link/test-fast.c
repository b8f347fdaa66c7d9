/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose elements webrtcbin gets, and with which versions of GStreamer. */
#include "pst-dtls-dec.h"
#include "pst-fast.h"
#include "pst-nice-src.h"
#include "pst-sctp-elements.h"

static void
test_proven (void)
{
  g_assert_true (pst_fast_is_proven (1, 22));
  g_assert_true (pst_fast_is_proven (1, 26));
}

static void
test_unproven (void)
{
  g_assert_false (pst_fast_is_proven (1, 20));
  for (guint minor = 23; minor < 40; minor += 2)
    g_assert_false (pst_fast_is_proven (1, minor));
  g_assert_false (pst_fast_is_proven (1, 28));
  g_assert_false (pst_fast_is_proven (1, 30));
  g_assert_false (pst_fast_is_proven (0, 22));
  g_assert_false (pst_fast_is_proven (2, 22));
  g_assert_false (pst_fast_is_proven (0, 0));
}

static void
assert_made (const char *name, GType ours, gboolean expected)
{
  g_autoptr (GstElement) element = gst_element_factory_make (name, NULL);

  g_assert_nonnull (element);
  g_object_ref_sink (element);
  g_assert_true (G_TYPE_CHECK_INSTANCE_TYPE (element, ours) == expected);
}

static void
assert_ours (gboolean expected)
{
  assert_made ("dtlssrtpdec", PST_TYPE_DTLS_DEC, expected);
  assert_made ("sctpenc", PST_TYPE_SCTP_ENC, expected);
  assert_made ("sctpdec", PST_TYPE_SCTP_DEC, expected);
  assert_made ("nicesrc", PST_TYPE_NICE_SRC, expected);
}

static void
test_taken_and_given_back (void)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("PST_LINK_GSTREAMER", "1.22", TRUE);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (pst_fast_use (TRUE, &error));
      g_assert_no_error (error);
      assert_ours (TRUE);
      g_assert_false (pst_fast_use (FALSE, &error));
      g_assert_no_error (error);
      assert_ours (FALSE);
    }
}

static void
test_refused (gconstpointer version)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("PST_LINK_GSTREAMER", version, TRUE);
  g_assert_false (pst_fast_use (TRUE, &error));
  g_assert_error (error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED);
  assert_ours (FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/fast/proven", test_proven);
  g_test_add_func ("/fast/unproven", test_unproven);
  g_test_add_func ("/fast/taken-and-given-back", test_taken_and_given_back);
  g_test_add_data_func ("/fast/refused/development", "1.23", test_refused);
  g_test_add_data_func ("/fast/refused/newer", "1.98", test_refused);
  g_test_add_data_func ("/fast/refused/nonsense", "1", test_refused);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-mailroom.h"

#define APP "app"

static PstMailroom *
make (void)
{
  const PstMailroomLimits limits = { .max_mailboxes = 3, .max_messages = 2, .max_bytes = 20 };

  return pst_mailroom_new (&limits);
}

static PstMailroomVerdict
claim (PstMailroom *room, const char *nameplate, const char *side, const char **mailbox)
{
  return pst_mailroom_claim (room, APP, nameplate, side, 1, mailbox);
}

static void
test_third_side_is_not_recorded (void)
{
  g_autoptr (PstMailroom) room = make ();
  const char *mailbox, *other;

  g_assert_cmpint (claim (room, "4", "a", &mailbox), ==, PST_MAILROOM_OK);
  g_assert_cmpint (claim (room, "4", "b", &other), ==, PST_MAILROOM_OK);
  g_assert_cmpstr (mailbox, ==, other);
  g_assert_cmpint (claim (room, "4", "x", &other), ==, PST_MAILROOM_CROWDED);
  g_assert_cmpint (pst_mailroom_open (room, APP, mailbox, "x", 1), ==, PST_MAILROOM_CROWDED);

  /* The two come back as if nothing had happened. */
  g_assert_cmpint (claim (room, "4", "a", &other), ==, PST_MAILROOM_OK);
  g_assert_cmpint (pst_mailroom_open (room, APP, mailbox, "b", 1), ==, PST_MAILROOM_OK);
}

static void
test_release (void)
{
  g_autoptr (PstMailroom) room = make ();
  const char *first, *second;

  claim (room, "4", "a", &first);
  claim (room, "4", "b", &first);
  pst_mailroom_release (room, APP, "4", "a");
  g_assert_cmpint (claim (room, "4", "a", &second), ==, PST_MAILROOM_RECLAIMED);
  pst_mailroom_release (room, APP, "4", "b");
  pst_mailroom_release (room, APP, "4", "b");
  pst_mailroom_release (room, APP, "9", "b");

  /* The nameplate is free again while the mailbox lives on. */
  g_assert_cmpint (claim (room, "4", "c", &second), ==, PST_MAILROOM_OK);
  g_assert_cmpstr (first, !=, second);
}

/* Whoever came first need not go first. */
static void
test_release_by_second (void)
{
  g_autoptr (PstMailroom) room = make ();
  const char *first, *other;

  claim (room, "4", "a", &first);
  claim (room, "4", "b", &other);
  pst_mailroom_release (room, APP, "4", "b");
  g_assert_cmpint (claim (room, "4", "a", &other), ==, PST_MAILROOM_OK);
  g_assert_cmpstr (first, ==, other);
  pst_mailroom_close (room, APP, first, "b");
  g_assert_cmpuint (pst_mailroom_get_n_mailboxes (room), ==, 1);
}

/* Programs of other kinds have nameplates of their own. */
static void
test_other_app (void)
{
  g_autoptr (PstMailroom) room = make ();
  const char *ours, *theirs, *again;

  claim (room, "4", "a", &ours);
  g_assert_cmpint (pst_mailroom_claim (room, "other", "4", "b", 1, &theirs), ==, PST_MAILROOM_OK);
  g_assert_cmpstr (ours, !=, theirs);
  g_assert_cmpint (claim (room, "4", "c", &again), ==, PST_MAILROOM_OK);
  g_assert_cmpstr (again, ==, ours);
}

static void
test_allocate (void)
{
  g_autoptr (PstMailroom) room = make ();
  const char *mailbox;

  claim (room, "2", "z", &mailbox);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *side = g_strdup_printf ("s%u", i);
      g_autofree char *nameplate = NULL;
      PstMailroomVerdict verdict = pst_mailroom_allocate (room, APP, side, 1, &nameplate);

      g_assert_cmpint (verdict, ==, i < 2 ? PST_MAILROOM_OK : PST_MAILROOM_FULL);
      g_assert_cmpstr (nameplate, ==, i == 0 ? "1" : i == 1 ? "3" : NULL);
    }
}

/* @phases: one letter for each message, oldest first. */
static void
assert_mail (PstMailroom *room, const char *mailbox, const char *phases)
{
  GPtrArray *mail = pst_mailroom_get_mail (room, APP, mailbox);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < mail->len; i++)
    g_string_append (found, ((PstMail *) g_ptr_array_index (mail, i))->phase);
  g_assert_cmpstr (found->str, ==, phases);
}

static void
test_mail (void)
{
  g_autoptr (PstMailroom) room = make ();
  PstMail small = { (char *) "a", (char *) "p", (char *) "00", NULL, 5 };
  PstMail other = { (char *) "a", (char *) "q", (char *) "00", NULL, 5 };
  PstMail whole = { (char *) "a", (char *) "r", (char *) "012345678901234567", NULL, 5 };
  PstMail large = { (char *) "a", (char *) "p", (char *) "0123456789012345678", NULL, 5 };
  const PstMail *added;
  const char *mailbox;

  claim (room, "4", "a", &mailbox);
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &large, &added), ==, PST_MAILROOM_FULL);
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &small, &added), ==, PST_MAILROOM_OK);
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &other, &added), ==, PST_MAILROOM_OK);
  assert_mail (room, mailbox, "pq");

  /* What is new takes the place of what is old, by number and by size. */
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &small, &added), ==, PST_MAILROOM_OK);
  assert_mail (room, mailbox, "qp");
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &large, &added), ==, PST_MAILROOM_FULL);
  assert_mail (room, mailbox, "qp");
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &whole, &added), ==, PST_MAILROOM_OK);
  g_assert_cmpstr (added->phase, ==, "r");
  assert_mail (room, mailbox, "r");
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &small, &added), ==, PST_MAILROOM_OK);
  assert_mail (room, mailbox, "p");

  /* The name of a command counts with the rest. */
  whole.id = (char *) "i";
  g_assert_cmpint (pst_mailroom_add (room, APP, mailbox, &whole, &added), ==, PST_MAILROOM_FULL);
  assert_mail (room, mailbox, "p");

  g_assert_cmpint (pst_mailroom_add (room, APP, "none", &small, &added), ==, PST_MAILROOM_FULL);
  g_assert_null (pst_mailroom_get_mail (room, "other app", mailbox));
}

static void
test_close (void)
{
  g_autoptr (PstMailroom) room = make ();
  g_autofree char *id = NULL;
  const char *mailbox;

  claim (room, "4", "a", &mailbox);
  claim (room, "4", "b", &mailbox);
  id = g_strdup (mailbox);
  pst_mailroom_close (room, APP, id, "x");
  pst_mailroom_close (room, APP, id, "a");
  g_assert_cmpuint (pst_mailroom_get_n_mailboxes (room), ==, 1);
  pst_mailroom_close (room, APP, id, "b");
  g_assert_cmpuint (pst_mailroom_get_n_mailboxes (room), ==, 0);
  pst_mailroom_close (room, APP, id, "b");
}

static void
test_prune (void)
{
  g_autoptr (PstMailroom) room = make ();
  const char *mailbox;

  pst_mailroom_claim (room, APP, "4", "a", 10, &mailbox);
  pst_mailroom_open (room, APP, "m", "a", 10);
  pst_mailroom_touch (room, APP, "m", 20);
  pst_mailroom_touch (room, APP, "none", 20);
  pst_mailroom_prune (room, 10);
  g_assert_cmpuint (pst_mailroom_get_n_mailboxes (room), ==, 2);
  pst_mailroom_prune (room, 20);
  g_assert_cmpuint (pst_mailroom_get_n_mailboxes (room), ==, 1);
  g_assert_nonnull (pst_mailroom_get_mail (room, APP, "m"));
}

static void
test_full (void)
{
  g_autoptr (PstMailroom) room = make ();
  const char *mailbox;

  claim (room, "1", "a", &mailbox);
  claim (room, "2", "a", &mailbox);
  g_assert_cmpint (pst_mailroom_open (room, APP, "m", "a", 1), ==, PST_MAILROOM_OK);
  g_assert_cmpint (pst_mailroom_open (room, APP, "n", "a", 1), ==, PST_MAILROOM_FULL);
  g_assert_cmpint (claim (room, "3", "a", &mailbox), ==, PST_MAILROOM_FULL);
  g_assert_cmpint (claim (room, "1", "b", &mailbox), ==, PST_MAILROOM_OK);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threats/24-third-side/mailroom", test_third_side_is_not_recorded);
  g_test_add_func ("/mailroom/release", test_release);
  g_test_add_func ("/mailroom/release-by-second", test_release_by_second);
  g_test_add_func ("/mailroom/other-app", test_other_app);
  g_test_add_func ("/mailroom/allocate", test_allocate);
  g_test_add_func ("/mailroom/mail", test_mail);
  g_test_add_func ("/mailroom/close", test_close);
  g_test_add_func ("/mailroom/prune", test_prune);
  g_test_add_func ("/mailroom/full", test_full);
  return g_test_run ();
}

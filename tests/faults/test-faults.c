/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fault of a disk after the other: what each side says, and what is left. The
 * table in docs/testing.md is this one in words. */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "fault-run.h"

/* How many of the names that were sent do not arrive. */
#define SOME -1

typedef struct
{
  const char *title;
  const char *rules;
  const char *what[3]; /* see fault-child.c; FROM/ stands for the folder */
  int n_missing;
  const char *sender, *receiver; /* what each says in the end, or before */
} Fault;

#define DONE_SENDER   "sender done"
#define DONE_RECEIVER "receiver done"
#define FULL_SENDER   "sender full-their-disk\nsender done"
#define FULL_RECEIVER "receiver full-my-disk\nreceiver done"
#define STOPPED       "sender failed: The other side had to stop. “"
#define FAILED        "receiver failed: “"
#define LOST_SENDER   "sender failed: “tree/"
#define LOST_RECEIVER "receiver failed: The other side could not send a file. “tree/"

/* clang-format off */
static const Fault faults[] = {
  { "short-writes", "write=short", { NULL }, 0, DONE_SENDER, DONE_RECEIVER },
  { "interrupted", "write%2=EINTR,sync%2=EINTR,open%2=EINTR", { NULL }, 0, DONE_SENDER, DONE_RECEIVER },

  { "full", NULL, { "room" }, 0, FULL_SENDER, FULL_RECEIVER },
  { "full-of-names", "name@1=ENOSPC,name@5=ENOSPC,open@3=ENOSPC", { NULL }, 0, FULL_SENDER, FULL_RECEIVER },
  { "quota", "write@12=EDQUOT", { NULL }, 0, FULL_SENDER, FULL_RECEIVER },
  { "full-at-fsync", "sync@1=ENOSPC", { NULL }, SOME, "The other side had to stop. There is no room left for “", "receiver failed: There is no room left for “" },

  { "write-error", "write@5=EIO", { NULL }, SOME, STOPPED, "cannot be written: Input/output error." },
  { "fsync-error", "sync@1=EIO", { NULL }, SOME, STOPPED, "cannot be written: Input/output error." },
  { "fsync-error-of-a-folder", "sync+10=EIO", { NULL }, 0, STOPPED, FAILED "tree/in/deep” cannot be written: Input/output error." },
  { "name-error", "name@5=EIO", { NULL }, SOME, STOPPED, "cannot be written: Input/output error." },
  { "becomes-read-only", "write+6=EROFS,open+3=EROFS,name+6=EROFS", { NULL }, SOME, STOPPED, "cannot be written: Read-only file system." },
  { "vanishes", NULL, { "vanish" }, SOME, STOPPED, "cannot be written: No such file or directory." },
  { "no-descriptors", "open@3=EMFILE", { NULL }, 0, DONE_SENDER, DONE_RECEIVER },

  { "source/short-reads", "read=short", { NULL }, 0, DONE_SENDER, DONE_RECEIVER },
  { "source/interrupted", "read%2=EINTR", { NULL }, 0, DONE_SENDER, DONE_RECEIVER },
  { "source/read-error", "read@4=EIO", { NULL }, 1, LOST_SENDER, LOST_RECEIVER },
  { "source/unreadable", "look@3=EACCES", { NULL }, 1, "” cannot be read: Permission denied.", "” cannot be read: Permission denied." },
  { "source/shrinks", NULL, { "truncate", "FROM/tree/in/big" }, 1, LOST_SENDER "in/big” changed", LOST_RECEIVER "in/big” changed" },
  { "source/grows", NULL, { "append", "FROM/tree/last" }, 1, LOST_SENDER "last” changed", LOST_RECEIVER "last” changed" },
  { "source/disappears", NULL, { "remove", "FROM/tree/last" }, 1, LOST_SENDER "last”", LOST_RECEIVER "last”" },
};
/* clang-format on */

static char *
expand (FaultRun *run, const char *what)
{
  if (g_str_has_prefix (what, "FROM/"))
    return g_build_filename (run->from, what + 5, NULL);
  return g_strdup (what);
}

static gboolean
is_source (const Fault *fault)
{
  return g_str_has_prefix (fault->title, "source/");
}

static void
go (FaultRun *run, const Fault *fault)
{
  g_autofree char *dirs = g_strconcat ("DIRS=", is_source (fault) ? run->from : run->to, NULL);
  g_autofree char *rules = g_strconcat ("RULES=", fault->rules, NULL);
  g_autofree char *room = g_strconcat ("ROOM=", run->room, NULL);
  const char *settings[] = { dirs, room, fault->rules != NULL ? rules : NULL, NULL };
  g_autofree char *file = expand (run, fault->what[1] != NULL ? fault->what[1] : run->room);
  const char *what[] = { fault->what[0], file, NULL };

  fault_go (run, settings, what);
}

/* What one of the two said, in its order. */
static char *
lines_of (const char *said, const char *who)
{
  g_auto (GStrv) lines = g_strsplit (said, "\n", -1);
  GString *found = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], who))
      g_string_append_printf (found, "%s\n", lines[i]);
  return g_string_free (found, FALSE);
}

static void
assert_says (const char *said, const char *who, const char *what)
{
  g_autofree char *lines = lines_of (said, who);

  if (strstr (lines, what) == NULL)
    g_error ("“%s” is not in “%s”", what, lines);
}

static void
test_fault (FaultRun *run, gconstpointer data)
{
  const Fault *fault = data;
  int n_sent = fault_count_source (run), n_there;

  go (run, fault);
  g_test_message ("%s", run->said);
  g_assert_true (WIFEXITED (run->status) && WEXITSTATUS (run->status) == 0);
  assert_says (run->said, "sender", fault->sender);
  assert_says (run->said, "receiver", fault->receiver);
  /* What was changed at the source is not there, so that all that is there is whole. */
  n_there = fault_check_whole (run);
  if (fault->n_missing != SOME)
    g_assert_cmpint (n_there, ==, n_sent - fault->n_missing);
  g_assert_cmpuint (fault_count_partial (run), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *path = g_strconcat ("/faults/disk/", faults[i].title, NULL);

      g_test_add (path, FaultRun, &faults[i], fault_set_up, test_fault, fault_tear_down);
    }
  return g_test_run ();
}

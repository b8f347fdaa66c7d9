/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bad disk is as bad as it is told to be, and no worse. A child with the disk
 * preloaded does what a script says; what it says and what is left are compared. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The child. */

static int
append (const char *name, gsize n_bytes)
{
  g_autofree char *bytes = g_strnfill (n_bytes, 'x');
  int fd = open (name, O_WRONLY | O_CREAT | O_APPEND, 0644);
  guint n_calls = 0;

  if (fd < 0)
    return -1;
  for (gsize done = 0; done < n_bytes;)
    {
      gssize n = write (fd, bytes + done, n_bytes - done);

      n_calls++;
      if (n < 0 && errno != EINTR)
        return -1;
      done += MAX (n, 0);
    }
  close (fd);
  if (n_calls > 1)
    printf ("%u calls ", n_calls);
  return 0;
}

static int
sync_name (const char *name)
{
  int fd = open (name, O_RDONLY);

  return fsync (fd) | close (fd);
}

static int
read_all (const char *name)
{
  int fd = open (name, O_RDONLY);
  char bytes[64];
  gssize n;

  do
    n = pread (fd, bytes, sizeof bytes, 0);
  while (n < 0 && errno == EINTR);
  printf ("read %d ", (int) n);
  return n < 0 ? -1 : close (fd);
}

static int
tell_room (void)
{
  struct statvfs st;
  int result = statvfs (".", &st);

  printf ("%lu blocks ", (unsigned long) st.f_bavail * st.f_frsize / 4096);
  return result;
}

static int
do_line (char **words)
{
  switch (*words[0])
    {
    case 'w':
      return append (words[1], strtoul (words[2], NULL, 10));
    case 'r':
      return read_all (words[1]);
    case 's':
      return sync_name (words[1]);
    case 'S':
      return syncfs (open (".", O_RDONLY));
    case 'm':
      return rename (words[1], words[2]);
    case 'd':
      return mkdir (words[1], 0755);
    case 'u':
      return unlink (words[1]);
    case 'U':
      return rmdir (words[1]);
    case 'l':
      return symlink (words[1], words[2]);
    case 'h':
      return link (words[1], words[2]);
    case 'f':
      return tell_room ();
    case '!': /* behind its back */
      return syscall (SYS_mkdirat, AT_FDCWD, words[1], 0755);
    default:
      abort ();
    }
}

static int
run_script (const char *script)
{
  g_auto (GStrv) lines = g_strsplit (script, "; ", -1);

  setvbuf (stdout, NULL, _IONBF, 0);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);

      if (do_line (words) != 0)
        printf ("%s: %s ", words[0], g_strerror (errno));
    }
  return 0;
}

/* The parent. */

typedef struct
{
  char *dir;
  char *room;
} Fixture;

static void
set_up (Fixture *f, gconstpointer unused)
{
  g_autofree char *top = g_dir_make_tmp ("pst-faulty-XXXXXX", NULL);

  f->dir = g_build_filename (top, "disk", NULL);
  f->room = g_build_filename (top, "room", NULL);
  g_assert_cmpint (g_mkdir (f->dir, 0755), ==, 0);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  g_autofree char *top = g_path_get_dirname (f->dir);
  const char *argv[] = { "rm", "-rf", top, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (f->dir);
  g_free (f->room);
}

/* @settings: `NAME=value` of the module's variables, without their prefix */
static int
run (Fixture *f, const char *script, const char *const *settings, char **said)
{
  const char *argv[] = { "/proc/self/exe", "--child", script, NULL };
  g_auto (GStrv) env = g_get_environ ();
  g_autoptr (GError) error = NULL;
  int status;

  env = g_environ_setenv (env, "LD_PRELOAD", g_getenv ("PST_FAULTY_DISK"), TRUE);
  env = g_environ_setenv (env, "PST_FAULTY_DIRS", f->dir, TRUE);
  env = g_environ_setenv (env, "PST_FAULTY_ROOM", f->room, TRUE);
  env = g_environ_setenv (env, "LC_ALL", "C", TRUE);
  for (; settings != NULL && *settings != NULL; settings++)
    {
      g_auto (GStrv) parts = g_strsplit (*settings, "=", 2);
      g_autofree char *name = g_strconcat ("PST_FAULTY_", parts[0], NULL);

      env = g_environ_setenv (env, name, parts[1], TRUE);
    }
  g_spawn_sync (f->dir, (char **) argv, env, G_SPAWN_DEFAULT, NULL, NULL, said, NULL, &status,
                &error);
  g_assert_no_error (error);
  return status;
}

static void
list (const char *top, const char *path, GPtrArray *lines)
{
  g_autofree char *full = g_build_filename (top, path, NULL);
  g_autoptr (GDir) dir = g_dir_open (full, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = *path != '\0' ? g_build_filename (path, name, NULL)
                                             : g_strdup (name);
      g_autofree char *file = g_build_filename (top, below, NULL);
      g_autofree char *bytes = NULL;
      struct stat st;
      gsize n_bytes;

      g_assert_cmpint (g_lstat (file, &st), ==, 0);
      if (S_ISLNK (st.st_mode))
        {
          bytes = g_file_read_link (file, NULL);
          g_ptr_array_add (lines, g_strdup_printf ("%s->%s", below, bytes));
        }
      else if (S_ISDIR (st.st_mode))
        {
          g_ptr_array_add (lines, g_strconcat (below, "/", NULL));
          list (top, below, lines);
        }
      else
        {
          g_assert_true (g_file_get_contents (file, &bytes, &n_bytes, NULL));
          for (gsize i = 0; i < n_bytes; i++)
            bytes[i] = bytes[i] == '\0' ? '0' : bytes[i];
          g_ptr_array_add (lines, g_strdup_printf ("%s=%s", below, bytes));
        }
    }
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
list_all (Fixture *f)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  list (f->dir, "", lines);
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv (" ", (char **) lines->pdata);
}

/* What a power cut at the end of a script leaves. */
typedef struct
{
  const char *script;
  const char *lost, *names, *all;
} Cut;

static const Cut cuts[] = {
  { "w a 3", "", "a=000", "a=xxx" },
  { "w a 3; s a", "", "a=xxx", "a=xxx" },
  { "w a 3; s .", "a=", "a=000", "a=xxx" },
  { "w a 3; s a; s .", "a=xxx", "a=xxx", "a=xxx" },
  { "w a 3; s .; s a", "a=xxx", "a=xxx", "a=xxx" },
  { "w a 3; s a; s .; w a 2", "a=xxx", "a=xxx00", "a=xxxxx" },
  { "w p 3; s p; s .; m p a", "p=xxx", "a=xxx", "a=xxx" },
  { "w p 3; s p; m p a; s .", "a=xxx", "a=xxx", "a=xxx" },
  { "w p 3; m p a; s .", "a=", "a=000", "a=xxx" }, /* the name came before the bytes */
  { "w p 1; s p; m p a; w p 2; s p; s .", "a=x p=xx", "a=x p=xx", "a=x p=xx" },
  { "w a 1; s a; s .; w p 2; s p; m p a", "a=x", "a=xx", "a=xx" },
  { "d d; w d/a 1; s d/a; s d", "", "d/ d/a=x", "d/ d/a=x" },
  { "d d; w d/a 1; s d/a; s .", "d/", "d/ d/a=x", "d/ d/a=x" },
  { "d d; w d/a 1; s d/a; s d; s .", "d/ d/a=x", "d/ d/a=x", "d/ d/a=x" },
  { "d d; w p 1; s p; s .; m p d/a; s .", "d/ p=x", "d/ d/a=x", "d/ d/a=x" },
  { "d d; w p 1; s p; s .; m p d/a; s d", "d/ d/a=x", "d/ d/a=x", "d/ d/a=x" },
  { "d d; s .; w p 1; s p; m p d/a; s d", "d/ d/a=x", "d/ d/a=x", "d/ d/a=x" },
  { "w a 1; s a; s .; u a", "a=x", "", "" },
  { "w a 1; s a; s .; u a; s .", "", "", "" },
  { "w a 1; s a; s .; u a; w a 2; s a; s .", "a=xx", "a=xx", "a=xx" },
  { "d d; s .; U d", "d/", "", "" },
  { "l t a", "", "a->t", "a->t" },
  { "l t a; s .", "a->t", "a->t", "a->t" },
  { "w a 2; s a; h a b; s .", "a=xx b=xx", "a=xx b=xx", "a=xx b=xx" },
  { "w a 3; S; w b 1", "a=xxx", "a=xxx b=0", "a=xxx b=x" },
};

static void
empty (Fixture *f)
{
  const char *argv[] = { "find", f->dir, "-mindepth", "1", "-delete", NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

static void
check_cut (Fixture *f, const Cut *cut, const char *keep, const char *left)
{
  const char *settings[] = { "CUT=0", keep, NULL };
  g_autofree char *said = NULL, *found = NULL;

  g_test_message ("%s, %s", cut->script, keep);
  g_assert_cmpint (run (f, cut->script, settings, &said), ==, 0);
  g_assert_cmpstr (said, ==, "");
  found = list_all (f);
  g_assert_cmpstr (found, ==, left);
  empty (f);
}

static void
test_cuts (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      check_cut (f, &cuts[i], "KEEP=lost", cuts[i].lost);
      check_cut (f, &cuts[i], "KEEP=names", cuts[i].names);
      check_cut (f, &cuts[i], "KEEP=all", cuts[i].all);
    }
}

/* Whatever was there before the program is durable. */
static void
test_cut_before (Fixture *f, gconstpointer unused)
{
  const char *settings[] = { "CUT=0", NULL };
  g_autofree char *found = NULL;

  run (f, "d d; w d/a 1; l a d/b; w c 2", NULL, NULL);
  run (f, "u c; w d/a 4; u d/b; m d e", settings, NULL);
  found = list_all (f);
  g_assert_cmpstr (found, ==, "c=xx d/ d/a=x d/b->a");
}

/* A file that is still there is the same one, and as old as when it was synced. */
static void
test_cut_same_file (Fixture *f, gconstpointer unused)
{
  const char *settings[] = { "CUT=0", "KEEP=lost", NULL };
  g_autofree char *old = g_build_filename (f->dir, "a", NULL);
  g_autofree char *new = g_build_filename (f->dir, "b", NULL);
  struct stat before, after;

  run (f, "w a 2", NULL, NULL);
  g_assert_cmpint (g_stat (old, &before), ==, 0);
  run (f, "m a b; s .; w b 1", settings, NULL);
  g_assert_cmpint (g_stat (new, &after), ==, 0);
  g_assert_cmpuint (after.st_ino, ==, before.st_ino);
  g_assert_cmpint (after.st_size, ==, 2);
  g_assert_cmpint (after.st_mtim.tv_nsec, ==, before.st_mtim.tv_nsec);
}

/* The power goes before a certain call; what is said so far is said. */
static void
test_cut_at_call (Fixture *f, gconstpointer unused)
{
  g_autofree char *count_path = g_strconcat (f->room, ".count", NULL);
  g_autofree char *count = g_strconcat ("COUNT=", count_path, NULL);
  const char *settings[] = { "CUT=5", "KEEP=all", count, NULL };
  g_autofree char *found = NULL, *n_calls = NULL;
  int status = run (f, "w a 1; s a; s .; w b 1; s b", settings, NULL);

  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  found = list_all (f);
  g_assert_cmpstr (found, ==, "a=x");
  g_assert_true (g_file_get_contents (count_path, &n_calls, NULL, NULL));
  g_assert_cmpstr (n_calls, ==, "5\n");
}

static void
test_cut_at_random (Fixture *f, gconstpointer unused)
{
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *keep = g_strdup_printf ("KEEP=random:%u", i / 2);
      const char *settings[] = { "CUT=0", keep, NULL };
      char *left;

      run (f, "w a 2; s .; w b 1", settings, NULL);
      left = list_all (f);
      /* The same number, the same cut. */
      g_assert_true (i % 2 == 0 || g_hash_table_contains (found, left));
      g_hash_table_add (found, left);
      empty (f);
    }
  g_assert_cmpuint (g_hash_table_size (found), >, 3);
  g_assert_true (g_hash_table_contains (found, "a=00"));
}

/* A change that was not seen ends in a word, not in a wrong answer. */
static void
test_lost_track (Fixture *f, gconstpointer unused)
{
  const char *settings[] = { "CUT=0", NULL };
  int status = run (f, "w a 1; ! d", settings, NULL);

  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 99);
}

static const struct
{
  const char *rules;
  const char *script;
  const char *said;
  const char *left;
} rules[] = {
  { "", "w a 5; r a", "read 5 ", "a=xxxxx" },
  { "write=short", "w a 8", "4 calls ", "a=xxxxxxxx" },
  { "write%2=EINTR", "w a 2; w a 2", "2 calls ", "a=xxxx" },
  { "write@2=EIO", "w a 2; w a 2; w a 2", "w: Input/output error ", "a=xxxx" },
  { "write+2=EIO", "w a 2; w a 2; w a 2", "w: Input/output error w: Input/output error ", "a=xx" },
  { "read@1=EIO", "w a 2; r a; r a", "read -1 r: Input/output error read 2 ", "a=xx" },
  { "read=short", "w a 64; r a", "read 32 ", NULL },
  { "sync@2=EIO", "w a 2; s a; s .; s a", "s: Input/output error ", "a=xx" },
  { "open=EROFS", "w a 2", "w: Read-only file system ", "" },
  { "look@2=EACCES", "w a 2; r a; r a; r a", "read 2 read -1 r: Bad file descriptor read 2 ",
    "a=xx" },
  { "name@2=ENOSPC", "d a; d b; d b", "d: No space left on device ", "a/ b/" },
  { "name=EROFS,write=short", "w a 3; u a", "2 calls u: Read-only file system ", "a=xxx" },
};

static void
test_rules (Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *setting = g_strconcat ("RULES=", rules[i].rules, NULL);
      const char *settings[] = { setting, NULL };
      g_autofree char *said = NULL, *left = NULL;

      g_test_message ("%s", rules[i].rules);
      g_assert_cmpint (run (f, rules[i].script, settings, &said), ==, 0);
      g_assert_cmpstr (said, ==, rules[i].said);
      left = list_all (f);
      if (rules[i].left != NULL)
        g_assert_cmpstr (left, ==, rules[i].left);
      empty (f);
    }
}

static void
test_bad_rules (Fixture *f, gconstpointer unused)
{
  static const char *const bad[] = { "RULES=wrote=EIO", "RULES=write", "RULES=write@0=EIO",
                                     "RULES=write=EWHAT" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *settings[] = { bad[i], NULL };

      g_assert_cmpint (WEXITSTATUS (run (f, "w a 1", settings, NULL)), ==, 98);
    }
}

static void
test_room (Fixture *f, gconstpointer quota)
{
  const char *settings[] = { quota, NULL };
  g_autofree char *said = NULL, *left = NULL;

  g_assert_true (g_file_set_contents (f->room, "8200", -1, NULL));
  g_assert_cmpint (run (f, "f; w a 8192; f; w a 20; w b 1", settings, &said), ==, 0);
  if (quota == NULL)
    g_assert_cmpstr (said, ==,
                     "2 blocks 0 blocks w: No space left on device "
                     "w: No space left on device ");
  else
    g_assert_true (strstr (said, "Disk quota exceeded") != NULL
                   && !g_str_has_prefix (said, "2 blocks"));
}

/* Elsewhere nothing is bad. */
static void
test_elsewhere (Fixture *f, gconstpointer unused)
{
  const char *settings[] = { "RULES=write=EIO,name=EIO,open=EIO", "CUT=0", NULL };
  g_autofree char *said = NULL, *bytes = NULL;
  g_autofree char *folder = g_strconcat (f->dir, "-", NULL);
  g_autofree char *file = g_build_filename (folder, "a", NULL);
  g_autofree char *script = g_strdup_printf ("d %s; w %s 3", folder, file);

  g_assert_cmpint (run (f, script, settings, &said), ==, 0);
  g_assert_cmpstr (said, ==, "");
  g_assert_true (g_file_get_contents (file, &bytes, NULL, NULL));
  g_assert_cmpstr (bytes, ==, "xxx");
}

#define ADD(name, data, func) \
  g_test_add ("/faulty-disk/" name, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--child") == 0)
    return run_script (argv[2]);

  g_test_init (&argc, &argv, NULL);
  ADD ("cut", NULL, test_cuts);
  ADD ("cut/what-was-there", NULL, test_cut_before);
  ADD ("cut/same-file", NULL, test_cut_same_file);
  ADD ("cut/at-a-call", NULL, test_cut_at_call);
  ADD ("cut/random", NULL, test_cut_at_random);
  ADD ("cut/lost-track", NULL, test_lost_track);
  ADD ("rules", NULL, test_rules);
  ADD ("rules/bad", NULL, test_bad_rules);
  ADD ("room", NULL, test_room);
  ADD ("room/quota", "ROOM_ERRNO=EDQUOT", test_room);
  ADD ("elsewhere", NULL, test_elsewhere);
  return g_test_run ();
}

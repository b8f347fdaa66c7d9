/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-bar.h"

#include "pst-cli-text.h"

#define GAP               2
#define MIN_BAR_COLUMNS   8
#define MAX_BAR_COLUMNS   30
#define MIN_TITLE_COLUMNS 8

#define COLOUR_HELD "\033[33m"
#define COLOUR_NONE "\033[0m"

/* In the order in which they stand on the line. */
enum
{
  PART_TITLE,
  PART_BAR,
  PART_PERCENT,
  PART_RATE,
  PART_LEFT,
  PART_STATE,
  N_PARTS
};

/* How much of @whole @part is, in 0…@scale, rounded down. */
static guint
share (guint64 part, guint64 whole, guint scale)
{
  if (whole == 0)
    return 0;

  return (guint) ((double) MIN (part, whole) / (double) whole * scale);
}

/* How far it is: what is safe at the receiver or, before anything new flows, what of
 * that was looked at. */
typedef struct
{
  guint64 done_bytes;
  guint64 sent_bytes;
  guint64 total_bytes;
} Progress;

static Progress
get_progress (const PstCliSnapshot *snapshot)
{
  if (snapshot->state == PST_TRANSFER_CHECKING)
    return (Progress){ snapshot->checked_bytes, snapshot->checked_bytes, snapshot->to_check_bytes };

  return (Progress){ snapshot->written_bytes, snapshot->sent_bytes, snapshot->total_bytes };
}

/* `=` is written by the other side, `-` is on its way. */
static char *
make_bar (const PstCliSnapshot *snapshot, guint columns)
{
  Progress progress = get_progress (snapshot);
  guint room = columns - 2;
  guint done = share (progress.done_bytes, progress.total_bytes, room);
  guint sent = MAX (done, share (progress.sent_bytes, progress.total_bytes, room));
  GString *bar = g_string_new ("[");

  for (guint i = 0; i < room; i++)
    g_string_append_c (bar, i < done ? '=' : i < sent ? '-' : ' ');
  g_string_append_c (bar, ']');
  return g_string_free (bar, FALSE);
}

static gboolean
shows_bar (const PstCliSnapshot *snapshot)
{
  return snapshot->state != PST_TRANSFER_PREPARING && snapshot->state != PST_TRANSFER_OFFERED
         && (snapshot->state != PST_TRANSFER_CHECKING || snapshot->to_check_bytes > 0);
}

/* Once everything is there, how much of it is safe says little: of a small file nothing,
 * until all of it is. */
static gboolean
shows_share (const PstCliSnapshot *snapshot)
{
  return shows_bar (snapshot) && snapshot->state != PST_TRANSFER_VERIFYING;
}

static gboolean
shows_pace (const PstCliSnapshot *snapshot)
{
  return shows_share (snapshot) && snapshot->state != PST_TRANSFER_CHECKING;
}

static gboolean
is_full (const PstCliSnapshot *snapshot)
{
  return snapshot->state == PST_TRANSFER_FULL_MY_DISK
         || snapshot->state == PST_TRANSFER_FULL_THEIR_DISK;
}

static char *
make_time_left (const PstCliSnapshot *snapshot)
{
  g_autofree char *duration = NULL;

  if (snapshot->time_left_us < 0 || !shows_pace (snapshot) || is_full (snapshot))
    return NULL;

  duration = pst_cli_text_duration (snapshot->time_left_us);
  return g_strconcat (duration, " left", NULL);
}

/**
 * pst_cli_bar_state:
 * @snapshot: a transfer
 *
 * Returns: (transfer full): its state in words, with why it waits and, where a
 *   disk is full, how much room it lacks
 */
char *
pst_cli_bar_state (const PstCliSnapshot *snapshot)
{
  const char *state = pst_cli_text_state (snapshot->state, snapshot->incoming);
  g_autofree char *missing = NULL;

  if (!is_full (snapshot) || snapshot->missing_bytes == 0)
    return g_strdup (state);

  missing = pst_cli_text_size (snapshot->missing_bytes);
  return g_strdup_printf ("%s: %s more needed", state, missing);
}

static void
make_figures (char **parts, const PstCliSnapshot *snapshot)
{
  Progress progress = get_progress (snapshot);

  parts[PART_STATE] = pst_cli_bar_state (snapshot);
  if (shows_share (snapshot))
    parts[PART_PERCENT] = g_strdup_printf ("%3u%%",
                                           share (progress.done_bytes, progress.total_bytes, 100));
  if (shows_pace (snapshot))
    parts[PART_RATE] = pst_cli_text_rate (snapshot->rate_bps);
  parts[PART_LEFT] = make_time_left (snapshot);
}

/* Keeps what matters most while there is room; gives the columns left over. */
static guint
drop_what_does_not_fit (char **parts, guint columns)
{
  static const int by_importance[] = { PART_PERCENT, PART_STATE, PART_RATE, PART_LEFT };

  for (guint i = 0; i < G_N_ELEMENTS (by_importance); i++)
    {
      char **part = &parts[by_importance[i]];
      guint needed = *part != NULL ? pst_cli_text_columns (*part) + GAP : 0;

      if (needed <= columns)
        columns -= needed;
      else
        g_clear_pointer (part, g_free);
    }

  return columns;
}

static void
fill_the_rest (char **parts, const PstCliSnapshot *snapshot, guint columns)
{
  g_autofree char *title = pst_cli_text_inert (snapshot->title);

  if (shows_bar (snapshot) && columns >= MIN_BAR_COLUMNS + GAP)
    {
      guint bar_columns = CLAMP (columns / 2, MIN_BAR_COLUMNS, MAX_BAR_COLUMNS);

      parts[PART_BAR] = make_bar (snapshot, bar_columns);
      columns -= bar_columns + GAP;
    }

  if (columns >= MIN_TITLE_COLUMNS + GAP && *title != '\0')
    parts[PART_TITLE] = pst_cli_text_cut (title, columns - GAP);
}

static char *
join (char **parts, gboolean highlight_state)
{
  GString *line = g_string_new (NULL);

  for (guint i = 0; i < N_PARTS; i++)
    {
      gboolean highlight = highlight_state && i == PART_STATE;

      if (parts[i] == NULL)
        continue;
      if (line->len > 0)
        g_string_append_printf (line, "%*s", GAP, "");
      g_string_append (line, highlight ? COLOUR_HELD : "");
      g_string_append (line, parts[i]);
      g_string_append (line, highlight ? COLOUR_NONE : "");
    }

  return g_string_free (line, FALSE);
}

/**
 * pst_cli_bar_draw:
 * @snapshot: a transfer
 * @columns: the columns there are; what matters less is left out when they are few
 * @colour: whether the reason for waiting may be coloured; it is always in words
 *
 * Draws title, bar, share, rate, time left and state on one line, never wider
 * than @columns.
 *
 * Returns: (transfer full): the line, without its end
 */
char *
pst_cli_bar_draw (const PstCliSnapshot *snapshot, guint columns, gboolean colour)
{
  char *parts[N_PARTS] = { NULL };
  guint rest;
  char *line;

  make_figures (parts, snapshot);
  /* The first part has no gap before it. */
  rest = drop_what_does_not_fit (parts, columns + GAP);
  fill_the_rest (parts, snapshot, rest);
  line = join (parts, colour && pst_cli_text_is_held (snapshot->state));

  for (guint i = 0; i < N_PARTS; i++)
    g_free (parts[i]);
  return line;
}

static char *
make_pace (const PstCliSnapshot *snapshot)
{
  g_autofree char *rate = pst_cli_text_rate (snapshot->rate_bps);
  g_autofree char *left = make_time_left (snapshot);

  if (!shows_pace (snapshot))
    return g_strdup ("");
  return g_strconcat (", ", rate, left != NULL ? ", " : NULL, left, NULL);
}

/**
 * pst_cli_bar_line:
 * @snapshot: a transfer
 *
 * Says the same as the bar in a line for a log.
 *
 * Returns: (transfer full): the line, with its end
 */
char *
pst_cli_bar_line (const PstCliSnapshot *snapshot)
{
  Progress progress = get_progress (snapshot);
  g_autofree char *title = pst_cli_text_inert (snapshot->title);
  const char *colon = *title != '\0' ? ": " : "";
  g_autofree char *done = pst_cli_text_size (progress.done_bytes);
  g_autofree char *total = pst_cli_text_size (progress.total_bytes);
  g_autofree char *pace = make_pace (snapshot);
  g_autofree char *state = pst_cli_bar_state (snapshot);

  if (!shows_share (snapshot))
    return g_strdup_printf ("%s%s%s.\n", title, colon, state);

  return g_strdup_printf ("%s%s%u%% (%s of %s)%s. %s.\n", title, colon,
                          share (progress.done_bytes, progress.total_bytes, 100), done, total, pace,
                          state);
}

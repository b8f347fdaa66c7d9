/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-text.h"

#include <glib/gi18n.h>

#include "pst-escape.h"
#include "pst-failure.h"

/* Unicode's isolates: what stands between does not reorder what stands around
 * it, whichever way it reads. The first takes the direction from the text. */
#define FIRST_STRONG_ISOLATE  "\xe2\x81\xa8"
#define LEFT_TO_RIGHT_ISOLATE "\xe2\x81\xa6"
#define END_OF_ISOLATE        "\xe2\x81\xa9"

/* Time left is a guess: it is told in steps, so that it does not flicker. */
#define CALM_STEP_S       5
#define CALM_STEP_MINUTES 5
#define CALM_FROM_MINUTES 20

/* A unit is kept until one of the next larger says enough. */
#define MAX_SECONDS 100
#define MAX_MINUTES 100
#define MAX_HOURS   48

#define MINUTE_S ((gint64) 60)
#define HOUR_S   (60 * MINUTE_S)
#define DAY_S    (24 * HOUR_S)

/**
 * pst_text_name:
 * @name: the name of a file, a person or a machine, from anywhere
 *
 * Makes a name fit to stand in a sentence: what deceives the eye is escaped
 * (pst_escape_name()), and its direction stays its own. It is not markup.
 *
 * Returns: (transfer full): valid UTF-8 on one line
 */
char *
pst_text_name (const char *name)
{
  g_autofree char *shown = pst_escape_name (name, -1);

  return g_strconcat (FIRST_STRONG_ISOLATE, shown, END_OF_ISOLATE, NULL);
}

/**
 * pst_text_size:
 * @bytes: a number of bytes
 *
 * Returns: (transfer full): such as “12.3 MB”, in decimal units
 */
char *
pst_text_size (guint64 bytes)
{
  return g_format_size (bytes);
}

/**
 * pst_text_rate:
 * @rate_bps: bytes a second
 *
 * Returns: (transfer full): such as “12.3 MB/s”
 */
char *
pst_text_rate (guint64 rate_bps)
{
  g_autofree char *size = g_format_size (rate_bps);

  /* Translators: a speed; %s is a size like “12.3 MB” */
  return g_strdup_printf (_ ("%s/s"), size);
}

static guint
divide_to_nearest (gint64 number, gint64 divisor)
{
  return (number + divisor / 2) / divisor;
}

static guint
count_seconds (gint64 duration_us)
{
  /* Beyond a century nobody counts, and guint holds it. */
  return divide_to_nearest (CLAMP (duration_us, 0, 36500 * DAY_S * G_USEC_PER_SEC), G_USEC_PER_SEC);
}

/**
 * pst_text_duration:
 * @duration_us: microseconds
 *
 * Returns: (transfer full): such as “45 seconds”, “3 minutes”, rounded to the nearest
 */
char *
pst_text_duration (gint64 duration_us)
{
  guint s = count_seconds (duration_us);
  guint n;

  if (s < MAX_SECONDS)
    return g_strdup_printf (ngettext ("%u second", "%u seconds", s), s);

  n = divide_to_nearest (s, MINUTE_S);
  if (n < MAX_MINUTES)
    return g_strdup_printf (ngettext ("%u minute", "%u minutes", n), n);

  n = divide_to_nearest (s, HOUR_S);
  if (n < MAX_HOURS)
    return g_strdup_printf (ngettext ("%u hour", "%u hours", n), n);

  n = divide_to_nearest (s, DAY_S);
  return g_strdup_printf (ngettext ("%u day", "%u days", n), n);
}

/**
 * pst_text_time_left:
 * @time_left_us: microseconds; negative while unknown
 *
 * Tells the time left as calmly as it is known: seconds in steps of five,
 * rounded up, then minutes, hours and days.
 *
 * Returns: (transfer full): such as “about 3 minutes left”; empty while unknown
 */
char *
pst_text_time_left (gint64 time_left_us)
{
  guint s;
  guint n;

  if (time_left_us < 0)
    return g_strdup ("");

  s = count_seconds (time_left_us);
  n = MAX ((s + CALM_STEP_S - 1) / CALM_STEP_S, 1) * CALM_STEP_S;
  if (n < MINUTE_S)
    return g_strdup_printf (ngettext ("about %u second left", "about %u seconds left", n), n);

  n = MAX (divide_to_nearest (s, MINUTE_S), 1);
  if (n >= CALM_FROM_MINUTES)
    n = divide_to_nearest (n, CALM_STEP_MINUTES) * CALM_STEP_MINUTES;
  if (n < MAX_MINUTES)
    return g_strdup_printf (ngettext ("about %u minute left", "about %u minutes left", n), n);

  n = divide_to_nearest (s, HOUR_S);
  if (n < MAX_HOURS)
    return g_strdup_printf (ngettext ("about %u hour left", "about %u hours left", n), n);

  n = divide_to_nearest (s, DAY_S);
  return g_strdup_printf (ngettext ("about %u day left", "about %u days left", n), n);
}

/**
 * pst_text_files_and_size:
 * @n_files: how many files
 * @bytes: their size together
 *
 * Returns: (transfer full): such as “3 files, 12.3 MB”
 */
char *
pst_text_files_and_size (guint n_files, guint64 bytes)
{
  g_autofree char *size = g_format_size (bytes);

  /* Translators: what is sent; %u is the number of files, %s their size like “12.3 MB” */
  return g_strdup_printf (ngettext ("%u file, %s", "%u files, %s", n_files), n_files, size);
}

/**
 * pst_text_bytes_of:
 * @bytes: how far it is
 * @total_bytes: how far it will go
 *
 * Returns: (transfer full): such as “1.2 MB of 12.3 MB”
 */
char *
pst_text_bytes_of (guint64 bytes, guint64 total_bytes)
{
  g_autofree char *size = g_format_size (bytes);
  g_autofree char *total = g_format_size (total_bytes);

  /* Translators: progress; what is done of all there is, like “1.2 MB of 12.3 MB” */
  return g_strdup_printf (_ ("%s of %s"), size, total);
}

/**
 * pst_text_round_trip:
 * @round_trip_us: microseconds; negative while unknown
 *
 * Returns: (transfer full): such as “23 ms”; empty while unknown
 */
char *
pst_text_round_trip (gint64 round_trip_us)
{
  if (round_trip_us < 0)
    return g_strdup ("");
  if (round_trip_us < 1000)
    /* Translators: a time; ms are milliseconds */
    return g_strdup (_ ("under 1 ms"));

  /* Translators: a time; ms are milliseconds */
  return g_strdup_printf (_ ("%u ms"),
                          (guint) MIN (divide_to_nearest (round_trip_us, 1000), G_MAXINT));
}

/**
 * pst_text_route:
 * @route: how the machines reach each other
 *
 * Returns: (transfer none): the route in words, to stand within a sentence;
 *   empty while unknown
 */
const char *
pst_text_route (PstRoute route)
{
  switch (route)
    {
    case PST_ROUTE_LOCAL:
      /* Translators: how two machines are connected, within a sentence */
      return _ ("on this network");
    case PST_ROUTE_DIRECT:
      /* Translators: how two machines are connected, within a sentence */
      return _ ("directly over the Internet");
    case PST_ROUTE_RELAY:
      /* Translators: how two machines are connected, within a sentence */
      return _ ("through a relay");
    case PST_ROUTE_UNKNOWN:
    default:
      return "";
    }
}

/**
 * pst_text_route_title:
 * @route: how the machines reach each other
 *
 * Returns: (transfer none): the route in words, to stand by itself; empty while unknown
 */
const char *
pst_text_route_title (PstRoute route)
{
  switch (route)
    {
    case PST_ROUTE_LOCAL:
      /* Translators: how two machines are connected */
      return _ ("On this network");
    case PST_ROUTE_DIRECT:
      /* Translators: how two machines are connected */
      return _ ("Directly over the Internet");
    case PST_ROUTE_RELAY:
      /* Translators: how two machines are connected */
      return _ ("Through a relay");
    case PST_ROUTE_UNKNOWN:
    default:
      return "";
    }
}

static const struct
{
  const char *outgoing;
  const char *incoming;
} state_words[] = {
  [PST_TRANSFER_PREPARING] = {
    NC_ ("transfer state", "Preparing the list…"),
    NC_ ("transfer state", "Receiving the list…"),
  },
  [PST_TRANSFER_OFFERED] = {
    /* Translators: the state of a transfer; “them” is the other person */
    NC_ ("transfer state", "Waiting for them to accept"),
    NC_ ("transfer state", "Waiting for your answer"),
  },
  [PST_TRANSFER_RUNNING] = {
    /* Translators: the state of a transfer */
    NC_ ("transfer state", "Sending"),
    /* Translators: the state of a transfer */
    NC_ ("transfer state", "Receiving"),
  },
  [PST_TRANSFER_HELD_NETWORK] = {
    NC_ ("transfer state", "Waiting for the network"),
    NC_ ("transfer state", "Waiting for the network"),
  },
  [PST_TRANSFER_HELD_THEIR_DISK] = {
    NC_ ("transfer state", "Waiting for their disk"),
    NC_ ("transfer state", "Waiting for their disk"),
  },
  [PST_TRANSFER_HELD_MY_DISK] = {
    /* Translators: the state of a transfer; the disk of this machine */
    NC_ ("transfer state", "Waiting for this disk"),
    NC_ ("transfer state", "Waiting for this disk"),
  },
  [PST_TRANSFER_HELD_LIMIT] = {
    NC_ ("transfer state", "Held at your speed limit"),
    NC_ ("transfer state", "Held at their speed limit"),
  },
  [PST_TRANSFER_PAUSED_BY_ME] = {
    NC_ ("transfer state", "Paused by you"),
    NC_ ("transfer state", "Paused by you"),
  },
  [PST_TRANSFER_PAUSED_BY_THEM] = {
    /* Translators: the state of a transfer; “them” is the other person */
    NC_ ("transfer state", "Paused by them"),
    NC_ ("transfer state", "Paused by them"),
  },
  [PST_TRANSFER_FULL_MY_DISK] = {
    /* Translators: the state of a transfer; the disk of this machine */
    NC_ ("transfer state", "This disk is full"),
    NC_ ("transfer state", "This disk is full"),
  },
  [PST_TRANSFER_FULL_THEIR_DISK] = {
    /* Translators: the state of a transfer; the disk of the other person */
    NC_ ("transfer state", "Their disk is full"),
    NC_ ("transfer state", "Their disk is full"),
  },
  [PST_TRANSFER_STALLED] = {
    NC_ ("transfer state", "Nothing has arrived for a while"),
    NC_ ("transfer state", "Nothing has arrived for a while"),
  },
  [PST_TRANSFER_RECONNECTING] = {
    /* Translators: the state of a transfer */
    NC_ ("transfer state", "Reconnecting…"),
    NC_ ("transfer state", "Reconnecting…"),
  },
  [PST_TRANSFER_CHECKING] = {
    /* Translators: the state of a transfer that goes on from an earlier time */
    NC_ ("transfer state", "Checking what came earlier…"),
    NC_ ("transfer state", "Checking what came earlier…"),
  },
  [PST_TRANSFER_VERIFYING] = {
    /* Translators: the state of a transfer; “they” are the other person */
    NC_ ("transfer state", "They are checking the files…"),
    NC_ ("transfer state", "Checking the files…"),
  },
  [PST_TRANSFER_DONE] = {
    /* Translators: the state of a transfer that went well */
    NC_ ("transfer state", "Sent"),
    /* Translators: the state of a transfer that went well */
    NC_ ("transfer state", "Received"),
  },
  [PST_TRANSFER_DECLINED] = {
    /* Translators: the state of a transfer; “them” is the other person */
    NC_ ("transfer state", "Declined by them"),
    NC_ ("transfer state", "Declined by you"),
  },
  [PST_TRANSFER_CANCELLED_BY_ME] = {
    NC_ ("transfer state", "Cancelled by you"),
    NC_ ("transfer state", "Cancelled by you"),
  },
  [PST_TRANSFER_CANCELLED_BY_THEM] = {
    /* Translators: the state of a transfer; “them” is the other person */
    NC_ ("transfer state", "Cancelled by them"),
    NC_ ("transfer state", "Cancelled by them"),
  },
  [PST_TRANSFER_FAILED] = {
    /* Translators: the state of a transfer */
    NC_ ("transfer state", "Failed"),
    NC_ ("transfer state", "Failed"),
  },
};

/**
 * pst_text_state_words:
 * @state: the state of a transfer
 * @incoming: whether it comes from the other side
 * @queued: whether it waits for others of ours to end
 * @error: (nullable): why it failed
 *
 * Returns: (transfer none): the state in words, with why it waits
 */
const char *
pst_text_state_words (PstTransferState state,
                      gboolean incoming,
                      gboolean queued,
                      const GError *error)
{
  g_return_val_if_fail (state < G_N_ELEMENTS (state_words), "");

  if (queued)
    /* Translators: the state of a transfer */
    return C_ ("transfer state", "Waiting in the queue");
  if (state == PST_TRANSFER_FAILED && error != NULL)
    return pst_failure_describe (error, incoming ? PST_FAILURE_RECEIVER : PST_FAILURE_SENDER).title;

  return g_dpgettext2 (NULL, "transfer state",
                       incoming ? state_words[state].incoming : state_words[state].outgoing);
}

/**
 * pst_text_state:
 * @transfer: a transfer
 *
 * Returns: (transfer full): what it is doing in words, with why it waits
 */
char *
pst_text_state (PstAppTransfer *transfer)
{
  return g_strdup (pst_text_state_words (
      pst_app_transfer_get_state (transfer), pst_app_transfer_is_incoming (transfer),
      pst_app_transfer_is_queued (transfer), pst_app_transfer_get_error (transfer)));
}

/**
 * pst_text_server:
 * @server_url: the server that brings the two together
 *
 * Returns: (transfer full): the server’s name, such as “example.org”, to stand within a
 *   sentence of either direction
 */
char *
pst_text_server (const char *server_url)
{
  g_autoptr (GUri) uri = NULL;
  g_autofree char *shown = NULL;

  uri = g_uri_parse (server_url, G_URI_FLAGS_NONE, NULL);
  shown = pst_escape_name (
      uri != NULL && g_uri_get_host (uri) != NULL ? g_uri_get_host (uri) : server_url, -1);
  return g_strconcat (LEFT_TO_RIGHT_ISOLATE, shown, END_OF_ISOLATE, NULL);
}

/**
 * pst_text_full:
 * @incoming: whether it is this machine’s disk
 * @missing_bytes: what has to become free; 0 if that is not known
 *
 * Returns: (transfer full): what to do about a disk that has become full
 */
char *
pst_text_full (gboolean incoming, guint64 missing_bytes)
{
  g_autofree char *missing = pst_text_size (missing_bytes);

  if (missing_bytes == 0)
    return g_strdup (incoming ? _ ("Free some space, then it goes on by itself.")
                              : _ ("Ask them to free some space, then it goes on by itself."));

  return g_strdup_printf (incoming
                              /* Translators: %s is an amount of data such as “1.2 GB” */
                              ? _ ("Free %s more, then it goes on by itself.")
                              /* Translators: %s is an amount of data such as “1.2 GB” */
                              : _ ("Ask them to free %s more, then it goes on by itself."),
                          missing);
}

/**
 * pst_text_journal_trouble:
 * @trouble: one there is
 * @folder: the folder of journals
 *
 * Returns: (transfer full): what that may lead to, and what to do
 */
char *
pst_text_journal_trouble (PstJournalTrouble trouble, const char *folder)
{
  g_autofree char *name = pst_text_name (folder);

  return g_strdup_printf (
      trouble == PST_JOURNAL_TROUBLE_FULL
          /* Translators: %s is a folder of Penstock’s own; “this” is a transfer */
          ? _ ("There is no room in “%s” to note what has arrived. If this breaks off, it may have "
               "to begin anew. Free some space there.")
          /* Translators: %s is a folder of Penstock’s own; “this” is a transfer */
          : _ ("What has arrived cannot be noted in “%s”. If this breaks off, it may have to begin "
               "anew. Check that the folder is yours alone and can be written."),
      name);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "pst-error.h"
#include "pst-held.h"

G_BEGIN_DECLS

#define PST_CONTROL_VERSION        1
#define PST_CONTROL_MAX_NAME_BYTES 128
#define PST_CONTROL_MAX_TEXT_BYTES 512

/* So many ranges of the longest manifest's numbers fit one frame (16 bytes each);
 * pst_transfer_accept() refuses a choice that is scattered more. */
#define PST_CONTROL_MAX_RANGES 3000

/* So many files, each with two places of 200 bytes together, fit one frame. */
#define PST_CONTROL_MAX_HELD 250

/* The numbers of further links: as PST_CHANNEL_MAX_LINK_NUMBER. */
#define PST_CONTROL_MAX_LINK 15

typedef enum
{
  PST_CONTROL_UNKNOWN, /* from a newer version: to be ignored */
  PST_CONTROL_HELLO,
  PST_CONTROL_OFFER,
  PST_CONTROL_ACCEPT,
  PST_CONTROL_DECLINE,
  PST_CONTROL_PAUSE,
  PST_CONTROL_RESUME,
  PST_CONTROL_FULL,
  PST_CONTROL_ROOM,
  PST_CONTROL_CREDIT,
  PST_CONTROL_ENTRY_DONE,
  PST_CONTROL_ENTRY_FAILED,
  PST_CONTROL_VERIFIED,
  PST_CONTROL_CANCEL,
  PST_CONTROL_KEEP,
  PST_CONTROL_HAVE,
  PST_CONTROL_REMEMBER,
  PST_CONTROL_CHECKING,
  PST_CONTROL_HELD,
  PST_CONTROL_ENTRY_FROM,
  PST_CONTROL_LINK,
  PST_CONTROL_PING,
  PST_CONTROL_PONG,
  PST_CONTROL_BYE,
  PST_N_CONTROLS
} PstControlKind;

typedef struct
{
  guint32 first;
  guint32 last;
} PstEntryRange;

/**
 * PstControl:
 *
 * One control message; which members count depends on @kind (docs/protocol.md,
 * “Control messages”). Clear with pst_control_clear().
 */
typedef struct
{
  PstControlKind kind;
  guint32 id;              /* transfer: all but hello, remember, link, ping, pong, bye */
  guint32 part;            /* offer */
  gboolean last;           /* offer */
  JsonArray *entries;      /* offer */
  GArray *ranges;          /* accept: of PstEntryRange, ascending; NULL for all */
  guint32 entry;           /* entry-done, entry-failed, have, entry-from */
  guint64 received_bytes;  /* credit */
  guint64 taken_bytes;     /* credit, have: not said if it is the same as … */
  guint64 written_bytes;   /* credit, have */
  guint64 window_bytes;    /* accept, credit, have */
  guint64 missing_bytes;   /* full: 0 for not known */
  guint64 size_bytes;      /* entry-done */
  guint8 digest[PST_DIGEST_BYTES]; /* entry-done: BLAKE2b-256 of the file */
  guint32 n_files;         /* verified */
  guint32 n_failed;        /* verified */
  guint32 version;         /* hello */
  gboolean paused;         /* keep, have: by the side that says so */
  guint32 n_parts;         /* have: of the offer */
  gboolean accepted;       /* have: with entry, offset, written and window */
  guint64 offset;          /* have, entry-from */
  GArray *held;            /* held: of PstHeld, ascending */
  guint64 checked_bytes;   /* checking */
  guint64 total_bytes;     /* checking: 0 for not known */
  gboolean resumes;        /* hello: held and entry-from are understood */
  gboolean takes_parcels;  /* hello: several files in one frame are understood */
  gboolean only_receives;  /* hello: this side offers nothing */
  gboolean agrees;         /* remember */
  gboolean in_peace;       /* bye: without a reason */
  guint32 most_links;      /* hello: so many this side can take; 0: one */
  guint32 link;            /* link: its number */
  gboolean wanted;         /* link: this side asks for it */
  JsonObject *signal;      /* link: what its peer must hear; neither: it is let go of */
  guint64 stamp;           /* ping, pong */
  PstError reason;         /* entry-failed, cancel, bye (FAILED: none given) */
  char *text;              /* hello: name shown; entry-failed, cancel: message; else NULL */
} PstControl;

gboolean pst_control_read (GBytes *payload, PstControl *control, GError **error);
GBytes *pst_control_write (const PstControl *control);
void pst_control_clear (PstControl *control);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PstControl, pst_control_clear)

G_END_DECLS

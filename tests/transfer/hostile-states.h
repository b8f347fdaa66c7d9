/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every state in which a conversation can be, as whoever speaks for the other side
 * reaches it. Their offer has the number 2: "f" of 100,000 zeros, then "g" of five.
 * Ours has the number 1: "mine" of 100,000 bytes. */
#pragma once

#include "pair.h"

G_BEGIN_DECLS

typedef enum
{
  AT_NEW,          /* nothing was said */
  AT_GREETED,      /* their hello */
  AT_LISTING,      /* a part of their offer */
  AT_OFFERED,      /* all of it */
  AT_DECLINED,     /* by us */
  AT_RECEIVING,    /* a part of "f" has come */
  AT_PAUSED,       /* so it has, and we paused */
  AT_THEY_PAUSED,  /* they did */
  AT_BETWEEN,      /* "f" is whole, "g" has not begun */
  AT_RECEIVED,     /* both are */
  AT_CANCELLED,    /* by us, in the midst of "f" */
  AT_THEY_STOPPED, /* by them */
  AT_BACK_NEW,     /* in the midst of "f" the link was replaced; nothing was said since */
  AT_BACK,         /* their hello */
  AT_KEPT,         /* they asked what had come, and were told */
  AT_OFFERING,     /* our offer is out */
  AT_THEY_CHECK,   /* they took it, and look first at what they have of it */
  AT_SENDING,      /* they took it; a frame has gone, and there is no credit for more */
  AT_SEND_PAUSED,  /* and we paused */
  AT_SEND_HELD,    /* and they did */
  AT_ALL_SENT,     /* "mine" has gone as a whole */
  AT_SENT,         /* they say that it has arrived */
  AT_REFUSED,      /* they said no */
  AT_SEND_NEW,     /* in the midst of "mine" the link was replaced; nothing was said since */
  AT_SEND_BACK,    /* their hello; our question is out */
  AT_SEND_KEPT,    /* they answered */
  AT_OFFER_BACK,   /* the link was replaced before they chose; their hello */
  AT_LEFT,         /* they left */
  AT_LEFT_HERE,    /* we did */
  N_AT
} At;

#define BIT(at) (1u << (at))

typedef struct
{
  const char *name;
  void (*reach) (Pair *pair);
  const char *whole; /* the files that have their names by then, one letter each */
} HostileState;

extern const HostileState hostile_states[N_AT];

#define HELLO "{\"t\":\"hello\",\"v\":1}"
#define F     "{\"p\":\"f\",\"k\":\"f\",\"s\":100000,\"m\":0}"
#define G     "{\"p\":\"g\",\"k\":\"f\",\"s\":5,\"m\":0}"
#define PART(id, part, last, entries) \
  "{\"t\":\"offer\",\"id\":" #id ",\"part\":" #part ",\"last\":" #last ",\"entries\":[" entries "]}"
#define F_BYTES 100000

/* How so many zeros end. */
void hostile_say_done (Pair *pair, guint32 id, guint32 entry, gsize n_bytes);

G_END_DECLS

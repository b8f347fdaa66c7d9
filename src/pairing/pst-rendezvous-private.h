/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "pst-clerk.h"
#include "pst-rendezvous.h"
#include "pst-tolerance.h"

G_BEGIN_DECLS

struct _PstRendezvous
{
  GObject parent_instance;

  PstRendezvousLimits limits;
  GSocketService *service;
  guint16 port;
  GPtrArray *clients; /* of PstRendezvousClient */
  PstMailroom *mailroom;
  GSource *tick_source;
};

/* One connection. */
typedef struct
{
  PstRendezvous *server; /* unowned: a client lives in its server's array */
  GIOStream *stream;
  char *address;
  gint64 came_us;
  GCancellable *cancellable;
  SoupWebsocketConnection *websocket; /* NULL while it is being opened */
  guint64 sent_bytes;                 /* given to the WebSocket */
  PstTolerance tolerance;
  PstClerk *clerk;
} PstRendezvousClient;

/* In pst-rendezvous-client.c */
void
pst_rendezvous_add_client (PstRendezvous *self, GSocketConnection *connection, const char *address);
void pst_rendezvous_client_free (PstRendezvousClient *client);
gboolean pst_rendezvous_client_is_over (PstRendezvousClient *client, gint64 now_us);

G_END_DECLS

/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A WebSocket client for tests that says whatever it is told to. Every wait is
 * bounded and fails the test. */
typedef struct
{
  SoupWebsocketConnection *websocket;
  GQueue received; /* char * */
  gboolean done;
  gboolean closed;
} RawClient;

void spin_until (gboolean *flag);
RawClient *raw_client_connect (const char *url);
RawClient *raw_client_try (const char *url);
void raw_client_send (RawClient *self, const char *text);
char *raw_client_next (RawClient *self);
JsonObject *raw_client_next_object (RawClient *self);
char *raw_client_ask (RawClient *self, const char *text);
void raw_client_await_close (RawClient *self);
void raw_client_free (RawClient *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RawClient, raw_client_free)

G_END_DECLS

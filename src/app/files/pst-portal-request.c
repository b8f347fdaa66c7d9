/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GTK 4.8 hides the dialogue of a portal by a method that no portal has, so that
 * it stands there when its window has gone, and keeps the handle to itself by
 * which it could be closed (org.freedesktop.portal.Request). So the call that asks
 * for the dialogue, and the answer with the handle, are looked at as they pass. */
#include "pst-portal-request.h"

#define PORTAL_NAME       "org.freedesktop.portal.Desktop"
#define REQUEST_INTERFACE "org.freedesktop.portal.Request"

/* As long as a portal may take to answer that there will be a dialogue. */
#define PATIENCE_S 30

struct _PstPortalRequest
{
  GDBusConnection *bus;
  GMainContext *context;
  const char *interface_name;
  const char *method_name;
  guint filter_id;
  guint patience_id;
  guint32 serial; /* of the call; 0 until it was sent */
  char *handle;   /* NULL until there is an answer */
  gboolean closing;
  GDestroyNotify closed; /* once it is closed, with @closed_data */
  gpointer closed_data;
};

/* What passed, on its way from GDBus' thread to the owner's context. */
typedef struct
{
  PstPortalRequest *request;
  guint32 serial;
  char *handle; /* NULL: it is the call */
} Passed;

static void
request_clear (gpointer data)
{
  PstPortalRequest *self = data;

  g_object_unref (self->bus);
  g_main_context_unref (self->context);
  g_free (self->handle);
}

static void
request_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, request_clear);
}

static void
passed_free (gpointer data)
{
  Passed *passed = data;

  request_unref (passed->request);
  g_free (passed->handle);
  g_free (passed);
}

static void
stop_watching (PstPortalRequest *self)
{
  guint filter_id = self->filter_id;

  self->filter_id = 0;
  g_clear_handle_id (&self->patience_id, g_source_remove);
  if (filter_id != 0)
    g_dbus_connection_remove_filter (self->bus, filter_id);
}

static void
tell_closed (PstPortalRequest *self)
{
  GDestroyNotify closed = g_steal_pointer (&self->closed);

  stop_watching (self);
  if (closed != NULL)
    closed (g_steal_pointer (&self->closed_data));
}

static void
on_close_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) answer = NULL;

  /* An error: there was nothing left to close. */
  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  tell_closed (user_data);
  request_unref (user_data);
}

static void
close_dialogue (PstPortalRequest *self)
{
  g_dbus_connection_call (self->bus, PORTAL_NAME, self->handle, REQUEST_INTERFACE, "Close", NULL,
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_close_answered,
                          g_atomic_rc_box_acquire (self));
  stop_watching (self);
}

/* Of several that are watched for the same, each takes one call: they are told
 * in the order in which they began. */
static void
take_call (PstPortalRequest *self, guint32 serial)
{
  static guint32 last_serial;

  if (self->serial != 0 || serial == last_serial)
    return;

  last_serial = self->serial = serial;
}

static gboolean
on_passed (gpointer data)
{
  Passed *passed = data;
  PstPortalRequest *self = passed->request;

  if (self->filter_id == 0)
    return G_SOURCE_REMOVE;

  if (passed->handle == NULL)
    take_call (self, passed->serial);
  else if (passed->serial == self->serial && self->handle == NULL)
    self->handle = g_steal_pointer (&passed->handle);
  if (self->handle != NULL && self->closing)
    close_dialogue (self);

  return G_SOURCE_REMOVE;
}

static void
pass_on (PstPortalRequest *self, guint32 serial, const char *handle)
{
  Passed *passed = g_new0 (Passed, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  passed->request = g_atomic_rc_box_acquire (self);
  passed->serial = serial;
  passed->handle = g_strdup (handle);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_passed, passed, passed_free);
  g_source_attach (source, self->context);
}

static gboolean
is_call (PstPortalRequest *self, GDBusMessage *message)
{
  return g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL
         && g_strcmp0 (g_dbus_message_get_interface (message), self->interface_name) == 0
         && g_strcmp0 (g_dbus_message_get_member (message), self->method_name) == 0;
}

/* In GDBus' thread. */
static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  GVariant *body = g_dbus_message_get_body (message);
  const char *handle;

  if (!incoming && is_call (user_data, message))
    pass_on (user_data, g_dbus_message_get_serial (message), NULL);

  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_RETURN
      && body != NULL && g_variant_is_of_type (body, G_VARIANT_TYPE ("(o)")))
    {
      g_variant_get (body, "(&o)", &handle);
      pass_on (user_data, g_dbus_message_get_reply_serial (message), handle);
    }

  return message;
}

/**
 * pst_portal_request_watch:
 * @interface_name: an interface of the portal, a literal
 * @method_name: a method that gives the handle of a request, a literal
 *
 * Looks out for the next such call on the session bus, which somebody else is
 * about to make, in the thread-default main context.
 *
 * Returns: (transfer full) (nullable): what becomes of it, for
 *   pst_portal_request_forget() or pst_portal_request_close(); %NULL without a bus
 */
PstPortalRequest *
pst_portal_request_watch (const char *interface_name, const char *method_name)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  PstPortalRequest *self;

  if (bus == NULL)
    return NULL;

  self = g_atomic_rc_box_new0 (PstPortalRequest);
  self->bus = g_steal_pointer (&bus);
  self->context = g_main_context_ref_thread_default ();
  self->interface_name = interface_name;
  self->method_name = method_name;
  self->filter_id = g_dbus_connection_add_filter (self->bus, on_message,
                                                  g_atomic_rc_box_acquire (self), request_unref);
  return self;
}

/**
 * pst_portal_request_forget:
 * @self: (transfer full): a request whose dialogue has gone
 *
 * Looks out no longer.
 */
void
pst_portal_request_forget (PstPortalRequest *self)
{
  stop_watching (self);
  request_unref (self);
}

static gboolean
on_patience_ended (gpointer data)
{
  PstPortalRequest *self = data;

  self->patience_id = 0;
  tell_closed (self);
  return G_SOURCE_REMOVE;
}

/**
 * pst_portal_request_close:
 * @self: (transfer full): a request
 * @closed: called with @data when there is no dialogue any more
 * @data: for @closed
 *
 * Closes the dialogue, if need be as soon as there is one. Whoever asked for it
 * has had the answer to the call by the time that @closed is called.
 */
void
pst_portal_request_close (PstPortalRequest *self, GDestroyNotify closed, gpointer data)
{
  self->closing = TRUE;
  self->closed = closed;
  self->closed_data = data;
  if (self->handle != NULL)
    close_dialogue (self);
  else
    self->patience_id = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, PATIENCE_S,
                                                    on_patience_ended,
                                                    g_atomic_rc_box_acquire (self), request_unref);
  request_unref (self);
}

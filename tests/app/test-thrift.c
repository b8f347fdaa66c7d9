/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With transfers and a network that do as the test says. */
#include "pst-thrift.h"

struct _PstAppTransfer
{
  GObject parent_instance;

  PstTransferState state;
};

G_DEFINE_FINAL_TYPE (PstAppTransfer, pst_app_transfer, G_TYPE_OBJECT)

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, PST_APP_TRANSFER (object)->state);
}

static void
pst_app_transfer_class_init (PstAppTransferClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = get_property;
  g_object_class_install_property (
      G_OBJECT_CLASS (klass), 1,
      g_param_spec_int ("state", NULL, NULL, 0, G_MAXINT, 0, G_PARAM_READABLE));
}

static void
pst_app_transfer_init (PstAppTransfer *self)
{
}

static void
set_state (PstAppTransfer *self, PstTransferState state)
{
  self->state = state;
  g_object_notify (G_OBJECT (self), "state");
}

PstTransferState
pst_app_transfer_get_state (PstAppTransfer *self)
{
  return self->state;
}

gboolean
pst_app_transfer_is_finished (PstAppTransfer *self)
{
  return self->state >= PST_TRANSFER_DONE;
}

void
pst_app_transfer_pause (PstAppTransfer *self)
{
  set_state (self, PST_TRANSFER_PAUSED_BY_ME);
}

void
pst_app_transfer_resume (PstAppTransfer *self)
{
  set_state (self, PST_TRANSFER_RUNNING);
}

/* A network monitor of which only the price is asked. */
#define TEST_TYPE_MONITOR (test_monitor_get_type ())
G_DECLARE_FINAL_TYPE (TestMonitor, test_monitor, TEST, MONITOR, GObject)

struct _TestMonitor
{
  GObject parent_instance;

  gboolean metered;
};

enum
{
  PROP_AVAILABLE = 1,
  PROP_METERED,
  PROP_CONNECTIVITY
};

static void
test_monitor_iface_init (GNetworkMonitorInterface *iface)
{
}

static gboolean
test_monitor_initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
test_monitor_initable_iface_init (GInitableIface *iface)
{
  iface->init = test_monitor_initable_init;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestMonitor,
                               test_monitor,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE,
                                                      test_monitor_initable_iface_init)
                                   G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR,
                                                          test_monitor_iface_init))

static void
test_monitor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_METERED)
    g_value_set_boolean (value, TEST_MONITOR (object)->metered);
}

static void
test_monitor_class_init (TestMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = test_monitor_get_property;
  g_object_class_override_property (object_class, PROP_AVAILABLE, "network-available");
  g_object_class_override_property (object_class, PROP_METERED, "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY, "connectivity");
}

static void
test_monitor_init (TestMonitor *self)
{
}

static void
set_metered (TestMonitor *self, gboolean metered)
{
  self->metered = metered;
  g_object_notify (G_OBJECT (self), "network-metered");
}

typedef struct
{
  TestMonitor *monitor;
  GSettings *settings;
  PstThrift *thrift;
  PstAppTransfer *transfer;
} Fixture;

static void
setup (Fixture *fixture, gconstpointer data)
{
  fixture->monitor = g_object_new (TEST_TYPE_MONITOR, NULL);
  fixture->settings = g_settings_new ("io.github.penstock.Penstock");
  g_settings_set_boolean (fixture->settings, "pause-when-metered", TRUE);
  fixture->thrift = pst_thrift_new (G_NETWORK_MONITOR (fixture->monitor), fixture->settings);
  fixture->transfer = g_object_new (PST_TYPE_APP_TRANSFER, NULL);
  set_state (fixture->transfer, PST_TRANSFER_RUNNING);
  pst_thrift_add (fixture->thrift, fixture->transfer);
}

static void
teardown (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->thrift);
  g_assert_finalize_object (fixture->transfer);
  g_object_unref (fixture->settings);
  g_assert_finalize_object (fixture->monitor);
}

static void
test_pauses (Fixture *fixture, gconstpointer data)
{
  set_metered (fixture->monitor, TRUE);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_PAUSED_BY_ME);
  set_metered (fixture->monitor, FALSE);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_RUNNING);
}

static void
test_only_when_asked (Fixture *fixture, gconstpointer data)
{
  g_settings_set_boolean (fixture->settings, "pause-when-metered", FALSE);
  set_metered (fixture->monitor, TRUE);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_RUNNING);
}

/* What the person paused stays so, what the person resumed goes on. */
static void
test_person_wins (Fixture *fixture, gconstpointer data)
{
  pst_app_transfer_pause (fixture->transfer);
  set_metered (fixture->monitor, TRUE);
  set_metered (fixture->monitor, FALSE);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_PAUSED_BY_ME);

  pst_app_transfer_resume (fixture->transfer);
  set_metered (fixture->monitor, TRUE);
  pst_app_transfer_resume (fixture->transfer);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_RUNNING);
}

static void
test_starts_metered (Fixture *fixture, gconstpointer data)
{
  set_state (fixture->transfer, PST_TRANSFER_OFFERED);
  set_metered (fixture->monitor, TRUE);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_OFFERED);
  set_state (fixture->transfer, PST_TRANSFER_RUNNING);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_PAUSED_BY_ME);
}

static void
test_finished (Fixture *fixture, gconstpointer data)
{
  set_state (fixture->transfer, PST_TRANSFER_DONE);
  set_metered (fixture->monitor, TRUE);
  g_assert_cmpint (fixture->transfer->state, ==, PST_TRANSFER_DONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/thrift/pauses", Fixture, NULL, setup, test_pauses, teardown);
  g_test_add ("/thrift/only-when-asked", Fixture, NULL, setup, test_only_when_asked, teardown);
  g_test_add ("/thrift/person-wins", Fixture, NULL, setup, test_person_wins, teardown);
  g_test_add ("/thrift/starts-metered", Fixture, NULL, setup, test_starts_metered, teardown);
  g_test_add ("/thrift/finished", Fixture, NULL, setup, test_finished, teardown);
  return g_test_run ();
}

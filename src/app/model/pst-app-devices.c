/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-app-devices.h"

#include "pst-devices.h"

struct _PstAppDevice
{
  GObject parent_instance;

  PstDevice *device;
};

enum
{
  PROP_ACCEPTS = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (PstAppDevice, pst_app_device, G_TYPE_OBJECT)

static void
pst_app_device_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_ACCEPTS:
      g_value_set_boolean (value, PST_APP_DEVICE (object)->device->accepts);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pst_app_device_finalize (GObject *object)
{
  pst_device_free (PST_APP_DEVICE (object)->device);
  G_OBJECT_CLASS (pst_app_device_parent_class)->finalize (object);
}

static void
pst_app_device_class_init (PstAppDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = pst_app_device_get_property;
  object_class->finalize = pst_app_device_finalize;
  props[PROP_ACCEPTS] = g_param_spec_boolean ("accepts", NULL, NULL, FALSE,
                                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY
                                                  | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
pst_app_device_init (PstAppDevice *self)
{
}

static PstAppDevice *
pst_app_device_new (const PstDevice *device)
{
  PstAppDevice *self = g_object_new (PST_TYPE_APP_DEVICE, NULL);

  self->device = pst_device_copy (device);
  return self;
}

static void
pst_app_device_set_accepts (PstAppDevice *self, gboolean accepts)
{
  if (self->device->accepts == accepts)
    return;

  self->device->accepts = accepts;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ACCEPTS]);
}

/**
 * pst_app_device_get_name:
 * @self: a device
 *
 * Returns: (transfer none): what this side's person calls it, fit to be shown
 */
const char *
pst_app_device_get_name (PstAppDevice *self)
{
  return self->device->name;
}

/**
 * pst_app_device_accepts:
 * @self: a device
 *
 * Returns: %TRUE if its offers are accepted without asking
 */
gboolean
pst_app_device_accepts (PstAppDevice *self)
{
  return self->device->accepts;
}

/**
 * pst_app_device_dup_secret:
 * @self: a device
 *
 * Returns: (transfer full): what it shares with this machine
 */
GBytes *
pst_app_device_dup_secret (PstAppDevice *self)
{
  return pst_device_get_secret (self->device);
}

struct _PstAppDevices
{
  GObject parent_instance;

  GListStore *list;
  GQueue tasks; /* of GTask; the first one runs */
};

enum
{
  SIGNAL_ADDED,
  SIGNAL_FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PstAppDevices, pst_app_devices, G_TYPE_OBJECT)

/* What is to be done, and what came of it. */
typedef struct _Job Job;
struct _Job
{
  gboolean (*run) (Job *job, GError **error); /* NULL: only read */
  char *name;
  char *new_name;
  GBytes *secret;
  gboolean accepts;

  char *added;
  GPtrArray *devices;
};

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->name);
  g_free (job->new_name);
  g_free (job->added);
  g_clear_pointer (&job->secret, g_bytes_unref);
  g_clear_pointer (&job->devices, g_ptr_array_unref);
  g_free (job);
}

static gboolean
run_add (Job *job, GError **error)
{
  job->added = pst_devices_add (job->name, job->secret, NULL, error);
  return job->added != NULL;
}

static gboolean
run_rename (Job *job, GError **error)
{
  return pst_devices_rename (job->name, job->new_name, NULL, error);
}

static gboolean
run_set_accepts (Job *job, GError **error)
{
  return pst_devices_set_accepts (job->name, job->accepts, NULL, error);
}

static gboolean
run_forget (Job *job, GError **error)
{
  return pst_devices_forget (job->name, NULL, error);
}

static void
run_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;
  GError *error = NULL;

  if ((job->run == NULL || job->run (job, &error))
      && (job->devices = pst_devices_load (NULL, &error)) != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static PstAppDevice *
peek (PstAppDevices *self, guint index)
{
  g_autoptr (PstAppDevice) device = g_list_model_get_item (G_LIST_MODEL (self->list), index);

  return device;
}

static gboolean
has_same_names (PstAppDevices *self, GPtrArray *devices)
{
  if (g_list_model_get_n_items (G_LIST_MODEL (self->list)) != devices->len)
    return FALSE;
  for (guint i = 0; i < devices->len; i++)
    if (!g_str_equal (peek (self, i)->device->name,
                      ((PstDevice *) g_ptr_array_index (devices, i))->name))
      return FALSE;

  return TRUE;
}

/* Rows that stand there stay, with what a person does in them. */
static void
show (PstAppDevices *self, GPtrArray *devices)
{
  g_autoptr (GPtrArray) items = NULL;

  if (has_same_names (self, devices))
    {
      for (guint i = 0; i < devices->len; i++)
        pst_app_device_set_accepts (peek (self, i),
                                    ((PstDevice *) g_ptr_array_index (devices, i))->accepts);
      return;
    }

  items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < devices->len; i++)
    g_ptr_array_add (items, pst_app_device_new (g_ptr_array_index (devices, i)));
  g_list_store_splice (self->list, 0, g_list_model_get_n_items (G_LIST_MODEL (self->list)),
                       items->pdata, items->len);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstAppDevices) self = g_object_ref (PST_APP_DEVICES (source));
  g_autoptr (GTask) task = g_queue_pop_head (&self->tasks);
  g_autoptr (GError) error = NULL;
  Job *job = g_task_get_task_data (task);
  GTask *next = g_queue_peek_head (&self->tasks);

  if (next != NULL)
    g_task_run_in_thread (next, run_in_thread);
  if (!g_task_propagate_boolean (task, &error))
    {
      g_info ("Remembered devices: %s", error->message);
      g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
      return;
    }

  show (self, job->devices);
  if (job->added != NULL)
    g_signal_emit (self, signals[SIGNAL_ADDED], 0, job->added);
}

static void
post (PstAppDevices *self, Job job)
{
  GTask *task = g_task_new (self, NULL, on_done, NULL);

  g_task_set_source_tag (task, post);
  g_task_set_task_data (task, g_memdup2 (&job, sizeof job), job_free);
  g_queue_push_tail (&self->tasks, task);
  if (self->tasks.length == 1)
    g_task_run_in_thread (task, run_in_thread);
}

static void
pst_app_devices_finalize (GObject *object)
{
  g_object_unref (PST_APP_DEVICES (object)->list);
  G_OBJECT_CLASS (pst_app_devices_parent_class)->finalize (object);
}

static void
pst_app_devices_class_init (PstAppDevicesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pst_app_devices_finalize;

  signals[SIGNAL_ADDED] = g_signal_new ("added", PST_TYPE_APP_DEVICES, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", PST_TYPE_APP_DEVICES, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
pst_app_devices_init (PstAppDevices *self)
{
  self->list = g_list_store_new (PST_TYPE_APP_DEVICE);
  g_queue_init (&self->tasks);
}

/**
 * pst_app_devices_new:
 *
 * Returns: (transfer full): the devices of this user, none until
 *   pst_app_devices_reload() has read them
 */
PstAppDevices *
pst_app_devices_new (void)
{
  return g_object_new (PST_TYPE_APP_DEVICES, NULL);
}

/**
 * pst_app_devices_get_list:
 * @self: the devices
 *
 * Returns: (transfer none): the list of #PstAppDevice, oldest first
 */
GListModel *
pst_app_devices_get_list (PstAppDevices *self)
{
  return G_LIST_MODEL (self->list);
}

/**
 * pst_app_devices_find:
 * @self: the devices
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the device of that name
 */
PstAppDevice *
pst_app_devices_find (PstAppDevices *self, const char *name)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->list)); i++)
    if (g_str_equal (peek (self, i)->device->name, name))
      return peek (self, i);

  return NULL;
}

/**
 * pst_app_devices_reload:
 * @self: the devices
 *
 * Reads them: other programs of this user may change them.
 */
void
pst_app_devices_reload (PstAppDevices *self)
{
  post (self, (Job){ .run = NULL });
}

/**
 * pst_app_devices_add:
 * @self: the devices
 * @wish: (nullable): what it is to be called, see pst_devices_add()
 * @secret: what it shares with this machine
 *
 * Remembers a device.
 */
void
pst_app_devices_add (PstAppDevices *self, const char *wish, GBytes *secret)
{
  post (self, (Job){ .run = run_add, .name = g_strdup (wish), .secret = g_bytes_ref (secret) });
}

/**
 * pst_app_devices_rename:
 * @self: the devices
 * @name: a device's name
 * @new_name: what it is to be called
 */
void
pst_app_devices_rename (PstAppDevices *self, const char *name, const char *new_name)
{
  post (self, (Job){ .run = run_rename, .name = g_strdup (name), .new_name = g_strdup (new_name) });
}

/**
 * pst_app_devices_set_accepts:
 * @self: the devices
 * @name: a device's name
 * @accepts: whether its offers are accepted without asking
 */
void
pst_app_devices_set_accepts (PstAppDevices *self, const char *name, gboolean accepts)
{
  post (self, (Job){ .run = run_set_accepts, .name = g_strdup (name), .accepts = accepts });
}

/**
 * pst_app_devices_forget:
 * @self: the devices
 * @name: a device's name
 *
 * Removes its secret.
 */
void
pst_app_devices_forget (PstAppDevices *self, const char *name)
{
  post (self, (Job){ .run = run_forget, .name = g_strdup (name) });
}

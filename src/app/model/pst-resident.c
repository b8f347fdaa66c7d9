/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session is told from the thread that draws, carried over to its own. */
#include "pst-resident-private.h"

typedef struct _Job Job;
struct _Job
{
  PstResident *resident;
  void (*run) (PstResident *self, Job *job);
  void (*act) (PstTransfer *transfer);
  guint key;
  char *text; /* code, link or destination */
  GStrv paths;
  GBytes *selection;
  GBytes *secret; /* of a remembered device */
  gboolean flag;  /* to wait for it; wanted */
};

typedef struct
{
  PstResident *resident;
  PstSessionOptions options;
  char *server_url;
  char *stun_server;
  GStrv turn_servers;
  char *display_name;
  char *journals;
} Start;

static void
job_free (gpointer data)
{
  Job *job = data;

  pst_resident_unref (job->resident);
  g_free (job->text);
  g_strfreev (job->paths);
  g_clear_pointer (&job->selection, g_bytes_unref);
  g_clear_pointer (&job->secret, g_bytes_unref);
  g_free (job);
}

static gboolean
run_job (gpointer data)
{
  Job *job = data;

  job->run (job->resident, job);
  return G_SOURCE_REMOVE;
}

/* Once released, the engine may be gone. */
static void
post (PstResident *self, Job job)
{
  if (self->released)
    {
      g_strfreev (job.paths);
      g_free (job.text);
      return;
    }

  job.resident = pst_resident_ref (self);
  if (job.selection != NULL)
    g_bytes_ref (job.selection);
  if (job.secret != NULL)
    g_bytes_ref (job.secret);
  pst_engine_run (self->engine, run_job, g_memdup2 (&job, sizeof job), job_free);
}

static void
start_free (gpointer data)
{
  Start *start = data;

  pst_resident_unref (start->resident);
  g_free (start->server_url);
  g_free (start->stun_server);
  g_strfreev (start->turn_servers);
  g_free (start->display_name);
  g_free (start->journals);
  g_free (start);
}

static gboolean
run_start (gpointer data)
{
  Start *start = data;

  pst_resident_begin (start->resident, pst_session_new (&start->options));
  return G_SOURCE_REMOVE;
}

static void
post_start (PstResident *self, const PstSessionOptions *options)
{
  Start *start = g_new0 (Start, 1);

  start->resident = pst_resident_ref (self);
  start->options = *options;
  start->options.server_url = start->server_url = g_strdup (options->server_url);
  start->options.stun_server = start->stun_server = g_strdup (options->stun_server);
  start->turn_servers = g_strdupv ((GStrv) options->turn_servers);
  start->options.turn_servers = (const char *const *) start->turn_servers;
  start->options.display_name = start->display_name = g_strdup (options->display_name);
  start->options.journals = start->journals = g_strdup (options->journals);
  pst_engine_run (self->engine, run_start, start, start_free);
}

/* Makes a session in @engine that shows itself in @mirror. */
PstResident *
pst_resident_new (PstEngine *engine, const PstSessionOptions *options, PstMirror *mirror)
{
  PstResident *self = g_new0 (PstResident, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->engine = engine;
  self->mirror = pst_mirror_ref (mirror);
  pst_engine_enter (engine);
  post_start (self, options);
  return self;
}

PstResident *
pst_resident_ref (PstResident *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
pst_resident_unref (PstResident *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  pst_mirror_unref (self->mirror);
  g_clear_error (&self->error);
  g_free (self);
}

static void
on_down (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PstResident) self = user_data;

  pst_session_close_finish (PST_SESSION (object), result, NULL);
  pst_resident_end (self);
  pst_engine_leave (self->engine);
}

static void
run_release (PstResident *self, Job *job)
{
  pst_session_close_async (self->session, on_down, pst_resident_ref (self));
}

/* The last thing it is told: the session closes, goes, and leaves the engine. */
void
pst_resident_release (PstResident *self)
{
  post (self, (Job){ .run = run_release });
  self->released = TRUE;
}

static void
run_host (PstResident *self, Job *job)
{
  if (pst_session_get_state (self->session) == PST_SESSION_NEW)
    pst_session_host (self->session, job->text);
}

void
pst_resident_host (PstResident *self, const char *code)
{
  post (self, (Job){ .run = run_host, .text = g_strdup (code) });
}

static void
run_join (PstResident *self, Job *job)
{
  if (pst_session_get_state (self->session) == PST_SESSION_NEW)
    pst_session_join (self->session, job->text);
}

void
pst_resident_join (PstResident *self, const char *code_or_link)
{
  post (self, (Job){ .run = run_join, .text = g_strdup (code_or_link) });
}

static void
run_meet (PstResident *self, Job *job)
{
  if (pst_session_get_state (self->session) == PST_SESSION_NEW)
    pst_session_meet (self->session, job->secret, job->flag);
}

void
pst_resident_meet (PstResident *self, GBytes *secret, gboolean host)
{
  post (self, (Job){ .run = run_meet, .secret = secret, .flag = host });
}

static void
run_remember (PstResident *self, Job *job)
{
  pst_session_remember (self->session, job->flag);
}

void
pst_resident_remember (PstResident *self, gboolean wanted)
{
  post (self, (Job){ .run = run_remember, .flag = wanted });
}

static void
run_send (PstResident *self, Job *job)
{
  PstWatch *watch = pst_resident_add (self, job->key);

  watch->paths = g_steal_pointer (&job->paths);
  watch->details
      = pst_transfer_details_new_for_paths ((const char *const *) watch->paths, NULL);
}

/* It waits in the queue first; when its turn has come already, only until the
 * next snapshot. */
void
pst_resident_send (PstResident *self, guint key, const char *const *paths)
{
  post (self, (Job){ .run = run_send, .key = key, .paths = g_strdupv ((GStrv) paths) });
}

static void
run_want_verifier (PstResident *self, Job *job)
{
  pst_session_want_verifier (self->session);
}

void
pst_resident_want_verifier (PstResident *self)
{
  post (self, (Job){ .run = run_want_verifier });
}

static void
run_reject (PstResident *self, Job *job)
{
  pst_session_reject (self->session);
}

void
pst_resident_reject (PstResident *self)
{
  post (self, (Job){ .run = run_reject });
}

static void
run_close (PstResident *self, Job *job)
{
  pst_session_close_async (self->session, NULL, NULL);
}

void
pst_resident_close (PstResident *self)
{
  post (self, (Job){ .run = run_close });
}

static void
run_accept (PstResident *self, Job *job)
{
  PstWatch *watch = pst_resident_find (self, job->key);
  const guint8 *selection
      = job->selection != NULL ? g_bytes_get_data (job->selection, NULL) : NULL;
  g_autoptr (GError) error = NULL;

  if (watch == NULL || watch->transfer == NULL
      || pst_transfer_get_state (watch->transfer) != PST_TRANSFER_OFFERED
      || pst_transfer_accept (watch->transfer, job->text, selection, &error))
    return;

  g_clear_error (&watch->refusal);
  watch->refusal = g_steal_pointer (&error);
  watch->n_refusals++;
  pst_resident_schedule (self, TRUE);
}

/* @selection: (nullable): a byte for each entry of the manifest. */
void
pst_resident_accept (PstResident *self, guint key, const char *destination, GBytes *selection)
{
  post (self, (Job){ .run = run_accept,
                     .key = key,
                     .text = g_strdup (destination),
                     .selection = selection });
}

static void
run_act (PstResident *self, Job *job)
{
  PstWatch *watch = pst_resident_find (self, job->key);

  if (watch != NULL && watch->transfer != NULL)
    job->act (watch->transfer);
  else if (watch != NULL && job->act == pst_transfer_cancel)
    pst_resident_drop_queued (watch);
}

void
pst_resident_decline (PstResident *self, guint key)
{
  post (self, (Job){ .run = run_act, .act = pst_transfer_decline, .key = key });
}

void
pst_resident_pause (PstResident *self, guint key)
{
  post (self, (Job){ .run = run_act, .act = pst_transfer_pause, .key = key });
}

void
pst_resident_resume (PstResident *self, guint key)
{
  post (self, (Job){ .run = run_act, .act = pst_transfer_resume, .key = key });
}

void
pst_resident_cancel (PstResident *self, guint key)
{
  post (self, (Job){ .run = run_act, .act = pst_transfer_cancel, .key = key });
}

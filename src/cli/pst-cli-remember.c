/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-cli-remember.h"

#include "pst-devices.h"

struct _PstCliRemember
{
  const PstCliOptions *options;
  PstSession *session;
  PstCliOutput *output;
  gboolean begun; /* what the other side says counts from now on */
};

static void
keep (PstCliRemember *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) secret = pst_session_dup_device_secret (self->session);
  const char *wish = self->options->remember_as != NULL ? self->options->remember_as
                                                        : pst_session_get_peer_name (self->session);
  g_autofree char *name = pst_devices_add (wish, secret, NULL, &error);

  if (name != NULL)
    pst_cli_output_remembered (self->output, name);
  else
    pst_cli_output_note (self->output, error->message);
}

static void
tell (PstCliRemember *self)
{
  switch (pst_session_get_remember (self->session))
    {
    case PST_REMEMBER_AGREED:
      keep (self);
      break;
    case PST_REMEMBER_THEIR_WISH:
      if (!self->options->remember)
        pst_cli_output_note (self->output,
                             "They offer that the two devices remember each other; for that, both "
                             "sides need --remember.");
      break;
    case PST_REMEMBER_DECLINED:
      pst_cli_output_note (self->output,
                           "They do not want the two devices to remember each other.");
      break;
    case PST_REMEMBER_NONE:
    case PST_REMEMBER_MY_WISH:
      break;
    }
}

static void
on_remember (PstSession *session, GParamSpec *pspec, PstCliRemember *self)
{
  if (self->begun)
    tell (self);
}

/**
 * pst_cli_remember_new:
 * @options: the command line; must outlive this
 * @session: the session; must outlive this
 * @output: who is told
 *
 * Returns: (transfer full): what looks after remembering in this run
 */
PstCliRemember *
pst_cli_remember_new (const PstCliOptions *options, PstSession *session, PstCliOutput *output)
{
  PstCliRemember *self = g_new0 (PstCliRemember, 1);

  self->options = options;
  self->session = session;
  self->output = g_object_ref (output);
  g_signal_connect (session, "notify::remember", G_CALLBACK (on_remember), self);
  return self;
}

/**
 * pst_cli_remember_free:
 * @self: (transfer full): what looks after remembering
 */
void
pst_cli_remember_free (PstCliRemember *self)
{
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_object_unref (self->output);
  g_free (self);
}

/**
 * pst_cli_remember_begin:
 * @self: what looks after remembering
 *
 * The machines are connected, and it is certain enough who the other one is.
 */
void
pst_cli_remember_begin (PstCliRemember *self)
{
  self->begun = TRUE;
  if (self->options->remember)
    pst_session_remember (self->session, TRUE);
  else
    tell (self);
}

/**
 * pst_cli_remember_end:
 * @self: what looks after remembering
 *
 * The run ends: tells if nothing came of it.
 */
void
pst_cli_remember_end (PstCliRemember *self)
{
  if (self->options->remember && self->begun
      && pst_session_get_remember (self->session) == PST_REMEMBER_MY_WISH)
    pst_cli_output_note (self->output,
                         "The two devices do not remember each other: the other person has not "
                         "agreed.");
}

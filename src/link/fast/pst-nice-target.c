/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-nice-target.h"

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

/**
 * pst_nice_target_install_properties:
 * @klass: an element's class
 *
 * Installs `agent`, `stream` and `component`, as the elements of libnice have
 * them.
 */
void
pst_nice_target_install_properties (GObjectClass *klass)
{
  g_object_class_install_property (
      klass, PST_NICE_TARGET_PROP_AGENT,
      g_param_spec_object ("agent", "Agent", "The ICE agent", NICE_TYPE_AGENT, FLAGS));
  g_object_class_install_property (
      klass, PST_NICE_TARGET_PROP_STREAM,
      g_param_spec_uint ("stream", "Stream", "The agent's stream", 0, G_MAXUINT, 0, FLAGS));
  g_object_class_install_property (klass, PST_NICE_TARGET_PROP_COMPONENT,
                                   g_param_spec_uint ("component", "Component",
                                                      "The stream's component", 0, G_MAXUINT, 0,
                                                      FLAGS));
}

/**
 * pst_nice_target_set:
 * @self: a target
 * @property_id: a property's id
 * @value: its value; a second agent is ignored
 *
 * Returns: whether the property is one of the target's
 */
gboolean
pst_nice_target_set (PstNiceTarget *self, guint property_id, const GValue *value)
{
  switch (property_id)
    {
    case PST_NICE_TARGET_PROP_AGENT:
      if (self->agent == NULL)
        self->agent = g_value_dup_object (value);
      return TRUE;
    case PST_NICE_TARGET_PROP_STREAM:
      self->stream = g_value_get_uint (value);
      return TRUE;
    case PST_NICE_TARGET_PROP_COMPONENT:
      self->component = g_value_get_uint (value);
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * pst_nice_target_get:
 * @self: a target
 * @property_id: a property's id
 * @value: (inout): where its value goes
 *
 * Returns: whether the property is one of the target's
 */
gboolean
pst_nice_target_get (PstNiceTarget *self, guint property_id, GValue *value)
{
  switch (property_id)
    {
    case PST_NICE_TARGET_PROP_AGENT:
      g_value_set_object (value, self->agent);
      return TRUE;
    case PST_NICE_TARGET_PROP_STREAM:
      g_value_set_uint (value, self->stream);
      return TRUE;
    case PST_NICE_TARGET_PROP_COMPONENT:
      g_value_set_uint (value, self->component);
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * pst_nice_target_is_complete:
 * @self: a target
 *
 * Returns: whether agent, stream and component are all set
 */
gboolean
pst_nice_target_is_complete (PstNiceTarget *self)
{
  return self->agent != NULL && self->stream > 0 && self->component > 0;
}

/**
 * pst_nice_target_clear:
 * @self: a target
 *
 * Lets go of the agent.
 */
void
pst_nice_target_clear (PstNiceTarget *self)
{
  g_clear_object (&self->agent);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libnice's agent, which looks for a path and keeps it alive. */
#include "pst-pipeline-private.h"

#include <nice/agent.h>

#include "pst-route.h"

static char *
format_end (const NiceCandidate *candidate)
{
  static const char *const types[] = {
    [NICE_CANDIDATE_TYPE_HOST] = "host",
    [NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE] = "srflx",
    [NICE_CANDIDATE_TYPE_PEER_REFLEXIVE] = "prflx",
    [NICE_CANDIDATE_TYPE_RELAYED] = "relay",
  };
  char address[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (&candidate->addr, address);
  return pst_route_format_end (address, nice_address_get_port (&candidate->addr),
                               types[candidate->type]);
}

static void
on_selected_pair (NiceAgent *agent,
                  guint stream_id,
                  guint component_id,
                  NiceCandidate *local,
                  NiceCandidate *remote,
                  PstHandover *handover)
{
  GStrv ends = g_new0 (char *, 3);

  ends[0] = format_end (local);
  ends[1] = format_end (remote);
  pst_handover_push (handover, PST_HANDOVER_ROUTE, ends, (GDestroyNotify) g_strfreev);
}

/* How often a check for connectivity is sent until it counts as failed, 4.5 s later.
 * The same holds for those that keep a path alive: with libnice's own number, 3, a line
 * that loses one packet of twenty each way would lose its link every hour or two by
 * chance alone. More would hold up the choice of a way where better ones are dead. */
#define CHECKS 4

/* The pace of checks, which is also how long they wait for an answer at least, times
 * the number of those under way: libnice's own number, and one for far ways. */
#define PACE_MS     20
#define FAR_PACE_MS 3000

static GObject *
dup_agent (PstPipeline *self)
{
  g_autoptr (GObject) ice = NULL;
  GObject *agent;

  g_object_get (self->webrtc, "ice-agent", &ice, NULL);
  g_object_get (ice, "agent", &agent, NULL);
  return agent;
}

/* Without connectivity checks as keep-alive, libnice never reports a lost path.
 * TCP candidates cost many sockets and hardly ever work; UPnP would open ports
 * on the router that nobody asked for. */
void
pst_pipeline_set_up_agent (PstPipeline *self)
{
  g_autoptr (GObject) agent = dup_agent (self);

  g_object_set (agent, "keepalive-conncheck", TRUE, "ice-tcp", FALSE, "upnp", FALSE,
                "stun-max-retransmissions", CHECKS, NULL);
  pst_pipeline_connect (self, agent, "new-selected-pair-full", G_CALLBACK (on_selected_pair));
}

/**
 * pst_pipeline_set_far:
 * @self: a pipeline
 * @far: whether answers take long
 *
 * Has checks for connectivity that begin from now on wait longer for their answer
 * than half a second. libnice begins a check anew whenever one of the other side's
 * comes, and forgets the one before as soon as it would have to be repeated: answers
 * that take longer than this, both ways, find nothing that they belong to.
 */
void
pst_pipeline_set_far (PstPipeline *self, gboolean far)
{
  g_autoptr (GObject) agent = dup_agent (self);

  g_object_set (agent, "stun-pacing-timer", far ? FAR_PACE_MS : PACE_MS, NULL);
}

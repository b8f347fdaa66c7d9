/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-route.h"

#include <string.h>

/**
 * pst_route_format_end:
 * @address: an IP address
 * @port: a port
 * @type: `host`, `srflx`, `prflx` or `relay`
 *
 * Returns: (transfer full): one end of a path, as candidates from
 *   pst_candidate_parse() end
 */
char *
pst_route_format_end (const char *address, guint port, const char *type)
{
  return g_strdup_printf (" %s %u typ %s", address, port, type);
}

static gboolean
is_candidate (const char *end, GPtrArray *candidates)
{
  for (guint i = 0; i < candidates->len; i++)
    if (g_str_has_suffix (g_ptr_array_index (candidates, i), end))
      return TRUE;

  return FALSE;
}

/* A check can arrive before the candidate it comes from was signalled; the
 * address is then called peer-reflexive, although it is a host's. */
static gboolean
is_host (const char *end, GPtrArray *candidates)
{
  g_autofree char *as_host = NULL;
  int length_before_type = (int) strlen (end) - (int) strlen ("prflx");

  if (!g_str_has_suffix (end, " typ prflx"))
    return g_str_has_suffix (end, " typ host");

  as_host = g_strdup_printf ("%.*shost", length_before_type, end);
  return is_candidate (as_host, candidates);
}

/**
 * pst_route_classify:
 * @local_end: this side's end of the path, from pst_route_format_end()
 * @local_candidates: (element-type utf8): this side's candidates
 * @remote_end: the other side's end of the path
 * @remote_candidates: (element-type utf8): the other side's candidates
 *
 * Says which way a path goes: through a relay, or between addresses that both
 * machines have themselves, or else straight through NATs.
 *
 * Returns: the route
 */
PstRoute
pst_route_classify (const char *local_end,
                    GPtrArray *local_candidates,
                    const char *remote_end,
                    GPtrArray *remote_candidates)
{
  if (g_str_has_suffix (local_end, " typ relay") || g_str_has_suffix (remote_end, " typ relay"))
    return PST_ROUTE_RELAY;
  if (is_host (local_end, local_candidates) && is_host (remote_end, remote_candidates))
    return PST_ROUTE_LOCAL;

  return PST_ROUTE_DIRECT;
}

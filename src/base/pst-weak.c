/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pst-weak.h"

/**
 * pst_weak_ref_new:
 * @object: (type GObject): an object
 *
 * For the user data of a call that may be answered after @object is gone, or never:
 * it must not keep it.
 *
 * Returns: (transfer full): a reference that does not keep @object; see
 *   g_weak_ref_get()
 */
GWeakRef *
pst_weak_ref_new (gpointer object)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, object);
  return weak;
}

/**
 * pst_weak_ref_free:
 * @weak: (transfer full): from pst_weak_ref_new(); a #GDestroyNotify
 */
void
pst_weak_ref_free (gpointer weak)
{
  g_weak_ref_clear (weak);
  g_free (weak);
}

/** Who may serve a name, who may use it, and what they show for it. */
package io.culvert.relay.access;

/** The dialing side: {@link io.culvert.client.TunnelClient}. */
package io.culvert.client;

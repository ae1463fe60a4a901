/** The private side: passes streams on to a service behind NAT. */
package io.culvert.agent;

/** The public side: takes HTTP and callers' streams, and finds the agent that serves the name. */
package io.culvert.relay;

package io.culvert.relay.route;

/**
 * What an agent has said about its upstream.
 *
 * @param healthy whether it answers; true until the agent says something else
 * @param reason why not; empty if it does
 */
public record Health(boolean healthy, String reason) {
  static final Health UNTIL_TOLD_OTHERWISE = new Health(true, "");
}

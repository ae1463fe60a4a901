package io.culvert.rendezvous;

import java.util.regex.Pattern;

/** The words that a relay and those who dial it use with each other. */
public final class Rendezvous {
  /** Header of an agent's upgrade: the name that it serves. */
  public static final String SERVE = "Culvert-Serve";

  /** Header of a caller's upgrade: the name whose service it wants. */
  public static final String CONNECT = "Culvert-Connect";

  /**
   * Header of an agent's upgrade: which of the agents of its name and identity it is, 1 to 64
   * characters of {@code [A-Za-z0-9._-]}. A later agent with the same id takes the place of an
   * earlier one.
   */
  public static final String AGENT_ID = "Culvert-Agent-Id";

  /**
   * Header of an agent's upgrade: what its upstream speaks, {@link #HTTP_1} (also if it is absent)
   * or {@link #H2C}.
   */
  public static final String UPSTREAM_PROTOCOL = "Culvert-Upstream-Protocol";

  /** Header of an agent's upgrade: what the relay is to send as Host instead of the client's. */
  public static final String HOST_HEADER = "Culvert-Host-Header";

  /** HTTP/1.1. */
  public static final String HTTP_1 = "http/1.1";

  /** HTTP/2 with prior knowledge; TLS, if any, ends at the agent. */
  public static final String H2C = "h2c";

  /** Attribute of a stream that a relay opens to an agent: the name that it is for. */
  public static final String NAME = "name";

  /**
   * Attribute of a stream that a relay opens to an agent: {@link #FOR_HTTP} or {@link #FOR_BRIDGE}.
   */
  public static final String PURPOSE = "for";

  /** The relay speaks HTTP on the stream. */
  public static final String FOR_HTTP = "http";

  /** The relay passes a caller's bytes on, whatever they are. */
  public static final String FOR_BRIDGE = "bridge";

  /** A label of a host name, in lower case (RFC 1123 section 2.1). */
  private static final Pattern NAMES = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private static final Pattern AGENT_IDS = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private Rendezvous() {}

  /** Whether a name can be served: one label of a host name, in lower case. */
  public static boolean isName(String name) {
    return NAMES.matcher(name).matches();
  }

  /** Whether it is one of {@link #AGENT_ID}. */
  public static boolean isAgentId(String id) {
    return AGENT_IDS.matcher(id).matches();
  }
}

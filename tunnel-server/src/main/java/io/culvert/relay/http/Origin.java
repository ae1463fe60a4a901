package io.culvert.relay.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Where a request came from.
 *
 * @param nodes from the client to the neighbour, at least one. All but the first are trusted
 *     proxies
 * @param proto {@code http} or {@code https}, as the client has used it
 * @param host as the client has used it; empty if it said none
 * @param port as the client has used it
 */
record Origin(List<Node> nodes, String proto, String host, int port) {
  /** What {@link #write} writes, as {@link HopByHop#normal}. */
  static final Set<String> WRITTEN =
      Set.of(
          "forwarded",
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-forwarded-host",
          "x-forwarded-port",
          "x-real-ip");

  /** Reads it from the connection, and from the fields as far as the neighbours are trusted. */
  static Origin of(
      Request request, Predicate<InetAddress> trusted, ForwardedHeaders.Source source) {
    Node neighbour = neighbour(request);
    Origin seen = seen(request, neighbour);
    if (!isTrusted(neighbour, trusted)) {
      return seen;
    }
    HttpFields fields = request.getHeaders();
    List<ForwardedElement> told =
        switch (source) {
          case X_FORWARDED -> ForwardedElement.ofXForwarded(fields);
          case FORWARDED -> ForwardedElement.ofForwarded(fields);
        };
    return seen.toldBy(told, trusted);
  }

  private static Node neighbour(Request request) {
    return request.getConnectionMetaData().getRemoteSocketAddress()
            instanceof InetSocketAddress socket
        ? Node.of(socket.getAddress())
        : Node.UNKNOWN;
  }

  private static Origin seen(Request request, Node neighbour) {
    // Not the URL's scheme: an absolute URL has the one that the client has made up.
    String proto = request.getConnectionMetaData().isSecure() ? "https" : "http";
    String host = request.getHeaders().get(HttpHeader.HOST);
    if (host == null) {
      host = Optional.ofNullable(request.getHttpURI().getAuthority()).orElse("");
    }
    return new Origin(List.of(neighbour), proto, host, port(host, proto));
  }

  private static int port(String host, String proto) {
    return Authority.parse(host).orElse(new Authority("", 0)).portFor(proto);
  }

  private static boolean isTrusted(Node node, Predicate<InetAddress> trusted) {
    return node.address().filter(trusted).isPresent();
  }

  /** Walks from the neighbour towards the client, as long as who speaks is trusted. */
  private Origin toldBy(List<ForwardedElement> told, Predicate<InetAddress> trusted) {
    List<Node> reversed = new ArrayList<>(nodes);
    Origin origin = this;
    for (int i = told.size() - 1; i >= 0; i--) {
      if (!isTrusted(reversed.get(reversed.size() - 1), trusted)) {
        break;
      }
      ForwardedElement element = told.get(i);
      reversed.add(element.node());
      origin = origin.as(element);
    }
    Collections.reverse(reversed);
    return new Origin(List.copyOf(reversed), origin.proto, origin.host, origin.port);
  }

  private Origin as(ForwardedElement element) {
    String told = element.proto().toLowerCase(Locale.ROOT);
    String newProto = told.equals("http") || told.equals("https") ? told : proto;
    boolean hostTold = Authority.parse(element.host()).isPresent();
    String newHost = hostTold ? element.host() : host;
    int newPort = element.port() > 0 ? element.port() : port(newHost, newProto);
    return new Origin(nodes, newProto, newHost, newPort);
  }

  /** Whether a trusted proxy is among the nodes. */
  boolean vouchedFor() {
    return nodes.size() > 1;
  }

  /** The address of the client. */
  Optional<InetAddress> client() {
    return nodes.get(0).address();
  }

  /** Puts the fields {@link #WRITTEN}. */
  void write(HttpFields.Mutable fields) {
    String addresses = nodes.stream().map(Node::plain).collect(Collectors.joining(", "));
    fields.put(HttpHeader.X_FORWARDED_FOR, addresses);
    fields.put(HttpHeader.X_FORWARDED_PROTO, proto);
    fields.put("X-Forwarded-Port", Integer.toString(port));
    if (!host.isEmpty()) {
      fields.put(HttpHeader.X_FORWARDED_HOST, host);
    }
    client().ifPresent(client -> fields.put("X-Real-IP", nodes.get(0).plain()));
    fields.put(HttpHeader.FORWARDED, forwarded());
  }

  private String forwarded() {
    StringBuilder first = new StringBuilder(nodes.get(0).forwarded());
    if (!host.isEmpty()) {
      first.append(";host=\"").append(host).append('"');
    }
    first.append(";proto=").append(proto);
    nodes.stream().skip(1).forEach(node -> first.append(", ").append(node.forwarded()));
    return first.toString();
  }
}

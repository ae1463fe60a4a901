package io.culvert.relay.http;

import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/** Takes the fields of one hop away, and no more. */
final class PlainPolicy implements HeaderPolicy {
  private static final Set<String> HOP =
      Set.of("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade");

  @Override
  public Optional<Problem> refuse(Request request) {
    return Optional.empty();
  }

  @Override
  public HttpFields.Mutable toAgent(Request request, String host) {
    return without(request.getHeaders()).put(HttpHeader.HOST, host);
  }

  @Override
  public HttpFields.Mutable toClient(HttpFields fromAgent) {
    return without(fromAgent);
  }

  private static HttpFields.Mutable without(HttpFields fields) {
    HttpFields.Mutable kept = HttpFields.build();
    for (HttpField field : fields) {
      if (!HOP.contains(field.getLowerCaseName())) {
        kept.add(field);
      }
    }
    return kept;
  }
}

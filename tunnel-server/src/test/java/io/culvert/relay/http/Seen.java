package io.culvert.relay.http;

import java.util.List;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/** A request that has reached a service whole. */
record Seen(String method, String target, HttpFields fields, String body, HttpFields trailers) {

  /** The values of the fields with this name, in the order in which they came. */
  List<String> values(String name) {
    return fields.getValuesList(name);
  }

  /** The names of all fields, in lower case. */
  List<String> names() {
    return fields.stream().map(HttpField::getLowerCaseName).toList();
  }
}

<?php
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PNP4Nagios template for check_cert_renewal: a graph for each certificate's days to expiry with both limits,
# one for the days to renewal, one for the time that the check took.
#
# PNP includes this file in a method of its own, once for each service: no functions here, only closures
# (PHP 5.3 and later). What it gives for data source number 1, 2, ...:
#   $NAME  label in the performance data    $RRDFILE, $DS  where the values are
#   $WARN, $CRIT  limits                    $MAX           the lifetime in days
# What it takes: $opt, $def (options and instructions for `rrdtool graph`) and $ds_name, by number.

$cert_colors = array(
	'ok' => '#5CB85C', 'warning' => '#F0AD4E', 'critical' => '#D9534F',
	'line' => '#333333', 'time' => '#5BC0DE',
);

# Text for rrdtool's command line: nothing that ends the string, and no colon that ends the field.
$cert_text = function ($text) {
	$text = preg_replace('/[\x00-\x1f\x7f"\'\\\\%]/', '_', (string) $text);
	return str_replace(':', '\\:', $text);
};

$cert_number = function ($values, $i) {
	return isset($values[$i]) && is_numeric($values[$i]) ? (string) $values[$i] : '';
};

$cert_title = function ($what) use ($hostname, $servicedesc) {
	$text = preg_replace('/[\x00-\x1f\x7f"\'\\\\]/', '_', "$hostname / $servicedesc - $what");
	return ' --title "' . $text . '" ';
};

# Last, lowest and highest value below the graph.
$cert_legend = function ($name, $format) {
	return "GPRINT:$name:LAST:\"last $format\" GPRINT:$name:MIN:\"lowest $format\" " .
		"GPRINT:$name:MAX:\"highest $format\\l\" ";
};

# An area in one color for each part of the values; a part that was not asked for has no limit.
$cert_days = function ($warn, $crit) use ($cert_colors) {
	$colors = $cert_colors;
	if ($warn === '' || $crit === '') {
		return "AREA:days{$colors['ok']} ";
	}
	return "CDEF:ok=days,$warn,GE,days,UNKN,IF " .
		"CDEF:late=days,$warn,LT,days,$crit,GE,days,UNKN,IF,UNKN,IF " .
		"CDEF:over=days,$crit,LT,days,UNKN,IF " .
		"AREA:ok{$colors['ok']} AREA:late{$colors['warning']} AREA:over{$colors['critical']} ";
};

$opt = $def = $ds_name = array();
foreach ($NAME as $i => $label) {
	$source = "\"DEF:%s=" . str_replace(':', '\\:', $RRDFILE[$i]) . ":{$DS[$i]}:%s\" ";
	$ds_name[$i] = $label;

	if (preg_match('/^(?:(.*)_)?days_to_expiry$/', $label, $match)) {
		$certificate = isset($match[1]) && $match[1] !== '' ? ' ' . $match[1] : '';
		$warn = $cert_number($WARN, $i);
		$crit = $cert_number($CRIT, $i);
		$opt[$i] = '--vertical-label "days" --lower-limit 0' . $cert_title("days to expiry$certificate");
		# The lowest value of a step: less is worse.
		$def[$i] = sprintf($source, 'days', 'MIN') . $cert_days($warn, $crit);
		$def[$i] .= "LINE1:days{$cert_colors['line']}:\"" . $cert_text("days to expiry$certificate") . '" ';
		$def[$i] .= $cert_legend('days', '%.1lf');
		if ($warn !== '') {
			$def[$i] .= "HRULE:$warn{$cert_colors['warning']}:\"warning below $warn days\\l\" ";
		}
		if ($crit !== '') {
			$def[$i] .= "HRULE:$crit{$cert_colors['critical']}:\"critical below $crit days\\l\" ";
		}
		$lifetime = $cert_number($MAX, $i);
		if ($lifetime !== '') {
			$def[$i] .= "COMMENT:\"lifetime $lifetime days\\l\" ";
		}
	} elseif ($label === 'days_to_renewal') {
		$opt[$i] = '--vertical-label "days"' . $cert_title('days until renewal is due');
		$def[$i] = sprintf($source, 'days', 'MIN');
		$def[$i] .= 'CDEF:due=days,0,GE,days,UNKN,IF CDEF:overdue=days,0,LT,days,UNKN,IF ';
		$def[$i] .= "AREA:due{$cert_colors['ok']}:\"until renewal is due\" ";
		$def[$i] .= "AREA:overdue{$cert_colors['critical']}:\"overdue\" ";
		$def[$i] .= "LINE1:days{$cert_colors['line']} " . $cert_legend('days', '%.1lf') . 'HRULE:0#000000 ';
	} else {
		$unit = $label === 'time' ? 'seconds' : '';
		$opt[$i] = "--vertical-label \"$unit\" --lower-limit 0" . $cert_title($label);
		$def[$i] = sprintf($source, 'value', 'AVERAGE');
		$def[$i] .= "AREA:value{$cert_colors['time']}:\"" . $cert_text($label) . '" ';
		$def[$i] .= $cert_legend('value', '%.3lf');
	}
}
?>
